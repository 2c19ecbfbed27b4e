import type { TrustOutcome } from '../../../shared/trust-schemas.js'
import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'
import { OutcomeOfPlan, Steps } from '../plan/plan-parts.js'
import { STORE_LOOKS } from './trust-words.js'
import type { TrustChange } from './use-trust-change.js'

/** What would be done, store by store; a store can be left out. */
export function PlanOfStores({ change }: { change: TrustChange }) {
  const { offered, chosen, plan, choose, busy } = change
  return (
    <ul className="trust-stores">
      {offered.map(({ id, title }) => (
        <li key={id}>
          {offered.length === 1 ? (
            <strong>{title}</strong>
          ) : (
            <label className="store-title">
              <input
                type="checkbox"
                checked={chosen.has(id)}
                disabled={busy === 'applying'}
                onChange={({ target }) => choose(id, target.checked)}
              />
              <strong>{title}</strong>
            </label>
          )}
          {chosen.has(id) && <Steps steps={plan?.stores.find((store) => store.id === id)?.plan.steps ?? []} />}
        </li>
      ))}
    </ul>
  )
}

/** What came of it, store by store. */
export function OutcomeOfStores({ outcome, change }: { outcome: TrustOutcome; change: TrustChange }) {
  return (
    <ul className="trust-stores">
      {outcome.stores.map(({ id, title, outcome: own, status }) => {
        const [shape, tone] = STORE_LOOKS[status.state]
        const planned = change.plan?.stores.find((store) => store.id === id)?.plan
        const state = (
          <Mark shape={shape} tone={tone}>
            {strings.certificates.storeStates[status.state]}
          </Mark>
        )
        return (
          <li key={id}>
            <OutcomeOfPlan title={title} outcome={own} planned={planned} state={state} />
          </li>
        )
      })}
    </ul>
  )
}
