import type { Step, StepOutcome } from '../../../shared/plan.js'
import { isElevated } from '../../../shared/plan.js'
import type { TrustOutcome } from '../../../shared/trust-schemas.js'
import { Mark } from '../../components/mark.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { OUTCOME_LOOKS, STORE_LOOKS, stepWords } from './trust-words.js'
import type { TrustChange } from './use-trust-change.js'

const text = strings.certificates

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

/** What came of it, store by store; the steps where not all of them were done. */
export function OutcomeOfStores({ outcome, change }: { outcome: TrustOutcome; change: TrustChange }) {
  return (
    <ul className="trust-stores">
      {outcome.stores.map(({ id, title, outcome: { state, message, steps }, status }) => {
        const [shape, tone] = OUTCOME_LOOKS[state]
        const [storeShape, storeTone] = STORE_LOOKS[status.state]
        const planned = change.plan?.stores.find((store) => store.id === id)?.plan.steps ?? []
        return (
          <li key={id}>
            <div className="store-title">
              <strong>{title}</strong>
              <Mark shape={shape} tone={tone}>
                {text.outcomes[state]}
              </Mark>
              <span className="push">
                <Mark shape={storeShape} tone={storeTone}>
                  {text.storeStates[status.state]}
                </Mark>
              </span>
            </div>
            {message !== '' && <p className={state === 'failed' ? 'bad' : 'soft'}>{message}</p>}
            {state !== 'done' && <Steps steps={planned} outcomes={steps} />}
          </li>
        )
      })}
    </ul>
  )
}

function Steps({ steps, outcomes = [] }: { steps: readonly Step[]; outcomes?: readonly StepOutcome[] }) {
  return (
    <ol className="trust-steps">
      {numbered(steps).map(({ item, number }) => (
        <StepLine key={number} step={item} outcome={outcomes[number - 1]} />
      ))}
    </ol>
  )
}

function StepLine({ step, outcome }: { step: Step; outcome: StepOutcome | undefined }) {
  const { words, deed } = stepWords(step)
  const look = outcome === undefined ? null : OUTCOME_LOOKS[outcome.state]
  return (
    <li>
      <span>
        {words} {isElevated(step) && <span className="chip">{text.administrator}</span>}{' '}
        {outcome !== undefined && look !== null && (
          <Mark shape={look[0]} tone={look[1]}>
            {text.outcomes[outcome.state]}
          </Mark>
        )}
      </span>
      {deed !== null && <code className="deed">{deed}</code>}
      {outcome !== undefined && outcome.message !== '' && <span className="bad">{outcome.message}</span>}
    </li>
  )
}
