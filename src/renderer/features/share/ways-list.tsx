import { Plus, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import type { ShareWay } from '../../../shared/share-schemas.js'
import { call } from '../../bridge.js'
import { Mark } from '../../components/mark.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { useShareWays } from '../../stores/share.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { HintText } from './hint-text.js'
import { RelayForm } from './relay-form.js'
import { isUsable, viaKey, viaName, viaOf, wayRemark } from './share-ways.js'

const text = strings.share.ways

/** By what apps can be shared: saved relays, and programs whether installed or not. */
export function WaysList() {
  const { data: ways, fault, refresh } = useShareWays()
  const [adding, setAdding] = useState(false)
  return (
    <section aria-label={text.title}>
      <div className="section-tools">
        <h2>{text.title}</h2>
        <span className="tools push">
          <button type="button" className="button small" onClick={() => void refresh()}>
            <RefreshCw className="icon" />
            {text.lookAgain}
          </button>
          <button type="button" className="button small" onClick={() => setAdding(true)}>
            <Plus className="icon" />
            {text.addRelay}
          </button>
        </span>
      </div>
      {ways === null && fault === null && <Skeleton />}
      {fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
      <ul className="store-list way-list" aria-label={text.title}>
        {ways?.map((way) => (
          <Way key={viaKey(viaOf(way))} way={way} refresh={refresh} />
        ))}
      </ul>
      {adding && <RelayForm onClose={() => setAdding(false)} />}
    </section>
  )
}

function Way({ way, refresh }: { way: ShareWay; refresh(): Promise<void> }) {
  const [asking, setAsking] = useState(false)
  const usable = isUsable(way)
  const missing = way.kind === 'tool' && way.program === null
  const name = way.kind === 'tool' ? way.title : viaName(viaOf(way))
  return (
    <li>
      <span className="what">
        <span className={usable ? undefined : 'soft'}>
          {name}
          {way.kind === 'tool' && way.version !== null && <span className="faint"> {way.version}</span>}
        </span>
        <span className="soft reason">
          <HintText text={missing ? (way.obstacle?.hint ?? '') : wayRemark(way)} />
        </span>
      </span>
      <Mark shape={usable ? 'disc' : 'ring'} tone={usable ? 'good' : 'faint'}>
        {usable ? text.states.ready : missing ? text.states.missing : text.states.obstacle}
      </Mark>
      {way.kind === 'relay' && !asking && (
        <button
          type="button"
          className="button small"
          aria-label={text.forgetRelay(name)}
          onClick={() => setAsking(true)}
        >
          {text.forget}
        </button>
      )}
      {way.kind === 'relay' && asking && (
        <Forget url={way.url} name={name} refresh={refresh} keep={() => setAsking(false)} />
      )}
    </li>
  )
}

/** Its token is gone with it, which no undo brings back: so it is asked once more. */
function Forget({ url, name, refresh, keep }: ForgetProps) {
  const forget = () =>
    attempt(async () => {
      await call('share.relay.forget', { url })
      await refresh()
    })
  return (
    <span className="forget" role="alert">
      <span>{text.forgetAsk(name)}</span>
      {/* biome-ignore lint/a11y/noAutofocus: it takes the place of the button that had the focus */}
      <button type="button" className="button small" autoFocus onClick={keep}>
        {text.keep}
      </button>
      <button type="button" className="button small danger" onClick={() => void forget()}>
        {text.forget}
      </button>
    </span>
  )
}

interface ForgetProps {
  url: string
  name: string
  refresh(): Promise<void>
  keep(): void
}
