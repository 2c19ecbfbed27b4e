import { CirclePower } from 'lucide-react'
import type { AppStatus } from '../../../shared/contract.js'
import { strings } from '../../strings.js'
import { describeFaults } from './describe-faults.js'
import {
  choicesFor,
  endFaults,
  setFault,
  turnFaultOff,
  turnFaultOn,
  turnFaultsOnAgain,
  useFaultChoices,
} from './fault-actions.js'
import { FaultChoice } from './fault-choice.js'
import { FAULT_KINDS, type FaultChoices, type FaultKind, readFaults } from './fault-settings.js'
import { faultsKept, faultsOn, isFaulted, routesWithFaults } from './faulted-apps.js'

const text = strings.faults

/** What can be made to go wrong in an app, each with one click, and how much of it. */
export function AppFaults({ app: status }: { app: AppStatus }) {
  const { name, app } = status
  const chosen = useFaultChoices((state) => state.chosen[name])
  const choices = choicesFor(app, chosen)
  const on = readFaults(faultsOn(app))
  const faulted = isFaulted(app)
  return (
    <section className={faulted ? 'faults note warn' : 'faults'} aria-label={text.title}>
      <header>
        <h3>{text.title}</h3>
        {faulted && (
          <button type="button" className="button small push" onClick={() => void endFaults([status])}>
            <CirclePower className="icon" />
            {text.turnOff}
          </button>
        )}
      </header>
      {!faulted && <p className="soft">{text.lead}</p>}
      <ul>
        {FAULT_KINDS.map((kind) => (
          <FaultRow
            key={kind}
            kind={kind}
            on={on[kind] !== undefined}
            choices={choices}
            alone={on.slow === undefined}
            turn={(wanted) => void (wanted ? turnFaultOn(name, kind, choices[kind]) : turnFaultOff(name, kind))}
            choose={(choice) => void setFault(name, kind, choice)}
          />
        ))}
      </ul>
      <Elsewhere status={status} />
    </section>
  )
}

function FaultRow<K extends FaultKind>({ kind, on, choices, alone, turn, choose }: FaultRowProps<K>) {
  return (
    <li>
      <button
        type="button"
        className="button small"
        aria-pressed={on}
        title={text.explained[kind]}
        onClick={() => turn(!on)}
      >
        {text.kinds[kind]}
      </button>
      <FaultChoice kind={kind} choice={choices[kind]} alone={alone} onChange={choose} />
    </li>
  )
}

/** What is set beside the switches: kept for later, or of single routes. */
function Elsewhere({ status: { name, app } }: { status: AppStatus }) {
  const kept = faultsKept(app)
  const routes = routesWithFaults(app)
  return (
    <>
      {kept !== null && (
        <p className="faults-kept soft">
          {text.kept(describeFaults(kept))}
          <button type="button" className="button small" onClick={() => void turnFaultsOnAgain(name)}>
            {text.turnOnAgain}
          </button>
        </p>
      )}
      {routes.length > 0 && <p className="soft">{text.routes}</p>}
      {routes.map(({ route, settings, on }) => (
        <p key={route} className="fault-route">
          <code>{route}</code>
          {on ? describeFaults(settings) : <span className="soft">{text.none}</span>}
        </p>
      ))}
    </>
  )
}

interface FaultRowProps<K extends FaultKind> {
  kind: K
  on: boolean
  choices: FaultChoices
  /** no delay is on, around which a jitter would be */
  alone: boolean
  turn(on: boolean): void
  choose(choice: FaultChoices[K]): void
}
