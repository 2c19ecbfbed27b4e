import { Check, Play, Plus } from 'lucide-react'
import type { Status } from '../../../shared/contract.js'
import { isLoopbackHost } from '../../../shared/hostname.js'
import { Mark } from '../../components/mark.js'
import { listenText } from '../../listen-text.js'
import { tryDemo } from '../../stores/app-actions.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useTrust } from '../../stores/feeds.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { countTrust, waysOfAll } from '../certificates/trust-words.js'
import { DiscoveredPorts } from './discovered-ports.js'

const text = strings.welcome

/** The first screen of all: what Portico does, and the three steps to the first https address. */
export function Welcome({ status }: { status: Status }) {
  const show = useUi((state) => state.show)
  const running = status.state === 'running'
  const waiting = status.state === 'paused' ? text.gatewayOff : text.gatewayWait
  const isLocal = status.listeners.every(({ address }) => isLoopbackHost(address))
  return (
    <div className="welcome">
      <header>
        <h2>{text.title}</h2>
        <p className="soft">{text.lead}</p>
      </header>
      <ol className="steps">
        <li>
          <span className="step-number">{running ? <Check className="icon good" /> : 1}</span>
          <div className="content">
            <h2>{running ? text.gateway : waiting}</h2>
            {status.listeners.length > 0 && (
              <p className="soft">{text.listening(listenText(status.listeners), isLocal)}</p>
            )}
          </div>
        </li>
        <TrustStep />
        <li>
          <span className="step-number">3</span>
          <div className="content">
            <h2>{text.first}</h2>
            <DiscoveredPorts primary />
            <button
              type="button"
              className="button"
              onClick={() => show({ kind: 'app-form', start: null, replaces: null })}
            >
              <Plus className="icon" />
              {text.manual}
            </button>
            <button type="button" className="button" title={text.demoHint} onClick={() => void tryDemo()}>
              <Play className="icon" />
              {text.demo}
            </button>
          </div>
        </li>
      </ol>
    </div>
  )
}

/** How the machine stands to the local CA, and the button that changes it. */
function TrustStep() {
  const go = useUi((state) => state.go)
  const ask = useChangeDialog((state) => state.ask)
  const { data, fault } = useTrust()
  const stores = data?.stores ?? []
  const looking = data === null && fault === null
  const { trusted, all } = countTrust(stores)
  const ways = waysOfAll(stores)
  const done = all > 0 && trusted === all
  return (
    <li>
      <span className="step-number">{done ? <Check className="icon good" /> : 2}</span>
      <div className="content">
        <h2>{done ? text.trusted : text.trust}</h2>
        {!done && <p className="soft">{text.trustText}</p>}
        {looking && (
          <Mark shape="half" tone="faint">
            {strings.certificates.looking}
          </Mark>
        )}
        {all > 0 && (
          <Mark shape={done ? 'disc' : 'ring'} tone={done ? 'good' : 'faint'}>
            {strings.certificates.trusted(trusted, all)}
          </Mark>
        )}
        {looking || ways.install ? (
          <button type="button" className="button primary" onClick={() => ask({ kind: 'trust', action: 'install' })}>
            {text.trustInstall}
          </button>
        ) : (
          !done && (
            <button type="button" className="button" onClick={() => go('certificates')}>
              {text.trustAction}
            </button>
          )
        )}
      </div>
    </li>
  )
}
