import type { ShareStatus } from '../../../shared/share-schemas.js'
import { Mark } from '../../components/mark.js'
import { useShares } from '../../stores/share.js'
import { useTunnels } from '../../stores/tunnels.js'
import { strings } from '../../strings.js'
import { liveTunnels, relayHost } from './services-look.js'
import { showShare } from './share-actions.js'
import { isLive, sharedApps } from './share-look.js'

const text = strings.share
/** Named one by one up to so many. */
const NAMED = 2

/** On the row of an app that is shown outside; leads to its share. */
export function ShareChip({ share: { id, app, url } }: { share: ShareStatus }) {
  return (
    <button
      type="button"
      className="chip shared above"
      aria-label={text.segment(app)}
      title={url ?? text.showShare(app)}
      onClick={() => showShare(id)}
    >
      <span className="word">{text.chip}</span>
    </button>
  )
}

/** In the status bar, as long as an app is shown outside; leads to where that ends. */
export function SharesSegment() {
  const shares = (useShares().data ?? []).filter(isLive)
  const names = sharedApps(shares)
  const [first] = shares
  if (first === undefined) return null
  const waits = !shares.some(({ state }) => state === 'open')
  return (
    <span className="shares-segment">
      <button type="button" title={text.segment(names.join(', '))} onClick={() => showShare(first.id)}>
        <Mark shape={waits ? 'half' : 'arrow'} tone={waits ? 'warn' : 'info'}>
          {text.segment(names.length > NAMED ? text.several(names.length) : names.join(', '))}
        </Mark>
      </button>
    </span>
  )
}

/** Beside the screen of the shares: how many there are, with the relays whose users reach services. */
export function SharesCount() {
  const names = sharedApps(useShares().data ?? [])
  const relays = liveTunnels(useTunnels().data ?? []).map(({ relay }) => relayHost(relay))
  if (names.length + relays.length === 0) return null
  const told = [
    ...(names.length === 0 ? [] : [text.segment(names.join(', '))]),
    ...(relays.length === 0 ? [] : [strings.services.segment(relays.join(', '))]),
  ]
  return (
    <span className="count shared" title={told.join('\n')}>
      {names.length + relays.length}
    </span>
  )
}
