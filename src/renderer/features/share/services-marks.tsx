import { Mark } from '../../components/mark.js'
import { useTunnels } from '../../stores/tunnels.js'
import { strings } from '../../strings.js'
import { showServices } from './services-actions.js'
import { liveTunnels, relayHost } from './services-look.js'

const text = strings.services

/** In the status bar, as long as users of a relay reach services here; leads to where that ends. */
export function ServicesSegment() {
  const tunnels = liveTunnels(useTunnels().data ?? [])
  const [first, another] = tunnels
  if (first === undefined) return null
  const hosts = tunnels.map(({ relay }) => relayHost(relay))
  const waits = !tunnels.some(({ state }) => state === 'connected')
  return (
    <span className="shares-segment">
      <button type="button" title={text.segment(hosts.join(', '))} onClick={() => showServices(first.relay)}>
        <Mark shape={waits ? 'half' : 'arrow'} tone={waits ? 'warn' : 'info'}>
          {text.segment(another === undefined ? relayHost(first.relay) : text.several(hosts.length))}
        </Mark>
      </button>
    </span>
  )
}
