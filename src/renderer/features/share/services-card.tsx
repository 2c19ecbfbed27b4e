import { SlidersHorizontal, Square, X } from 'lucide-react'
import type { TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { Mark } from '../../components/mark.js'
import { formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { ReasonNote } from './reason-note.js'
import { askServices, disconnectServices, focusOf } from './services-actions.js'
import { relayHost, tunnelLook } from './services-look.js'
import { ServicesProxies } from './services-proxies.js'
import { ServicesRefusals } from './services-refusals.js'
import { useFocusWhenNew } from './use-focus-when-new.js'

const text = strings.services
/** Rules that are named one by one. */
const NAMED = 6

/** What users of a relay reach here, and what passes. @param saved whether it can be connected again */
export function ServicesCard({ tunnel, saved }: { tunnel: TunnelStatus; saved: boolean }) {
  const { relay, agent, latencyMs, reason, state } = tunnel
  const { shape, tone, word } = tunnelLook(tunnel)
  const card = useFocusWhenNew(focusOf(relay))
  const ended = state === 'ended'
  return (
    <li ref={card} className="share-card" tabIndex={-1} aria-label={relayHost(relay)}>
      <header>
        <h3>{relayHost(relay)}</h3>
        <span role="status">
          <Mark shape={shape} tone={tone}>
            {word}
          </Mark>
        </span>
        <span className="soft facts-line">
          {agent !== null && <span>{text.as(agent)}</span>}
          {latencyMs !== null && <span>{text.roundTrip(formatMs(latencyMs))}</span>}
        </span>
        <Tools tunnel={tunnel} saved={saved} />
      </header>
      <div className="services-body">
        {reason !== null && <ReasonNote reason={reason} />}
        {!ended && <Allowed allow={tunnel.allow} />}
        {!ended && <ServicesProxies tunnel={tunnel} />}
        <ServicesRefusals refusals={tunnel.refusals} />
      </div>
    </li>
  )
}

function Tools({ tunnel, saved }: { tunnel: TunnelStatus; saved: boolean }) {
  const { relay, state } = tunnel
  const host = relayHost(relay)
  if (state === 'ended') {
    return (
      <span className="tools push">
        {saved && (
          <button type="button" className="button small" onClick={() => askServices(relay)}>
            {text.connect}
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={`${strings.actions.dismiss} ${host}`}
          title={strings.actions.dismiss}
          onClick={() => void disconnectServices(tunnel)}
        >
          <X className="icon" />
        </button>
      </span>
    )
  }
  return (
    <span className="tools push">
      <button type="button" className="button small" onClick={() => askServices(relay)}>
        <SlidersHorizontal className="icon" />
        {text.change}
      </button>
      <button type="button" className="button small" onClick={() => void disconnectServices(tunnel)}>
        <Square className="icon" />
        {text.disconnect}
      </button>
    </span>
  )
}

function Allowed({ allow }: { allow: readonly string[] }) {
  const rest = allow.length - NAMED
  return (
    <p className="services-allowed">
      <span className="soft">{text.allowed}</span> <span className="chip">{text.ownApps}</span>
      {allow.slice(0, NAMED).map((rule) => (
        <code key={rule} className="chip">
          {rule}
        </code>
      ))}
      {rest > 0 && <span title={allow.slice(NAMED).join('\n')}>{text.more(rest)}</span>}
    </p>
  )
}
