import { Power } from 'lucide-react'
import type { App } from '../../../shared/config.js'
import type { PolicyKey, PolicySettings } from '../../../shared/policies-schema.js'
import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'
import { routesWith, type Scope, type Standing, standingOf } from './policy-scopes.js'
import { summaryOf } from './policy-summary.js'

const text = strings.policies

/** One policy: what it is set to, where that comes from, and the way to its editor. */
export function PolicyRow({ app, scope, policy, onEdit, onTurnOff }: PolicyRowProps) {
  const standing = standingOf(app, scope, policy)
  const state = stateOf(standing, scope)
  const name = text.names[policy]
  const isOn = standing.settings !== null
  const line = isOn ? summaryOf(policy, standing.settings as PolicySettings<typeof policy>) : text.about[policy]
  const apart = scope === null ? routesWith(app, policy).map(({ path }) => path) : []
  return (
    <li className="policy-row">
      <button type="button" className="policy-open" onClick={onEdit}>
        <strong>{name}</strong>
        <span className={isOn ? 'policy-line' : 'policy-line faint'} title={line}>
          {line}
        </span>
        {apart.length > 0 && <span className="policy-line faint">{text.alsoAt(apart.join(', '))}</span>}
      </button>
      <Mark shape={isOn ? 'disc' : 'ring'} tone={isOn ? 'good' : 'faint'}>
        {text.states[state]}
      </Mark>
      {isOn ? (
        <button
          type="button"
          className="icon-button"
          aria-label={text.turnOffIt(name)}
          title={text.turnOffIt(name)}
          onClick={onTurnOff}
        >
          <Power className="icon" />
        </button>
      ) : (
        <span />
      )}
    </li>
  )
}

interface PolicyRowProps {
  app: App
  scope: Scope
  policy: PolicyKey
  onEdit(): void
  onTurnOff(): void
}

function stateOf({ own, shared, settings }: Standing, scope: Scope): keyof typeof text.states {
  if (settings === null)
    return scope !== null && own === false && shared !== undefined && shared !== false ? 'offHere' : 'off'
  return own === undefined ? 'inherited' : 'on'
}
