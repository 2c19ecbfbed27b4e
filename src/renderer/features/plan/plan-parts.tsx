import { isElevated, type Plan, type PlanOutcome, type Step, type StepOutcome } from '../../../shared/plan.js'
import { Mark } from '../../components/mark.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { OUTCOME_LOOKS, stepWords } from './step-words.js'

const text = strings.changes

/** Whether there is something to do, and not only to say. */
export function doesSomething(plans: readonly { plan: Plan }[]): boolean {
  return plans.some(({ plan }) => plan.steps.some(({ kind }) => kind !== 'note'))
}

/** What came of a plan: how it ended, then `state`, how things are now; the steps where not all of them were done. */
export function OutcomeOfPlan({ title, outcome, planned, state }: OutcomeProps) {
  const [shape, tone] = OUTCOME_LOOKS[outcome.state]
  return (
    <>
      <div className="store-title">
        <strong>{title}</strong>
        <Mark shape={shape} tone={tone}>
          {text.outcomes[outcome.state]}
        </Mark>
        <span className="push">{state}</span>
      </div>
      {outcome.message !== '' && <p className={outcome.state === 'failed' ? 'bad' : 'soft'}>{outcome.message}</p>}
      {outcome.state !== 'done' && <Steps steps={planned?.steps ?? []} outcomes={outcome.steps} />}
    </>
  )
}

/** The steps of a plan as they would be done, or as they were. */
export function Steps({ steps, outcomes = [] }: { steps: readonly Step[]; outcomes?: readonly StepOutcome[] }) {
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

interface OutcomeProps {
  title: string
  outcome: PlanOutcome
  planned: Plan | undefined
  state: React.ReactNode
}
