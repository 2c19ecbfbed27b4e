import type { SystemOutcome, SystemWish } from '../../../shared/system-schemas.js'
import { inDesktopApp } from '../../bridge.js'
import { Mark } from '../../components/mark.js'
import { FaultNote } from '../../components/states.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { strings } from '../../strings.js'
import { ChangeFooter } from '../plan/change-footer.js'
import { doesSomething, OutcomeOfPlan, Steps } from '../plan/plan-parts.js'
import { SETTING_LOOKS } from './setting-looks.js'
import { useSystemChange } from './use-system-change.js'

const text = strings.system

/** A change of the machine's settings, in the dialog. */
export function ChangeSystem({ wish }: { wish: SystemWish }) {
  const { group, action } = wish
  const close = useChangeDialog((state) => state.close)
  const { plan, outcome, fault, busy, replan, apply } = useSystemChange(wish)
  const canApply = outcome === null && plan !== null && doesSomething(plan.settings)
  return (
    <>
      <div className="content" aria-live="polite" aria-busy={busy !== null}>
        {canApply && <p className="soft">{text.leads[group][action]}</p>}
        {outcome === null && !inDesktopApp && <p className="note warn">{strings.changes.elsewhere}</p>}
        {busy === 'planning' && <p className="faint">{strings.changes.planFirst}</p>}
        {fault !== null && <FaultNote fault={fault} retry={replan} />}
        {outcome === null && plan !== null && !canApply && <p>{text.nothing[action]}</p>}
        {outcome === null && plan !== null && (
          <ul className="trust-stores">
            {plan.settings.map(({ id, title, plan: { steps } }) => (
              <li key={id}>
                <strong>{title}</strong>
                <Steps steps={steps} />
              </li>
            ))}
          </ul>
        )}
        {outcome !== null && (
          <Outcome outcome={outcome} planned={(id) => plan?.settings.find((one) => one.id === id)?.plan} />
        )}
      </div>
      <ChangeFooter
        elevated={canApply && plan.elevated}
        ends={outcome !== null || !canApply}
        act={
          canApply
            ? {
                words: text.doIt[action],
                takesAway: action === 'uninstall',
                running: busy === 'applying',
                run: apply,
              }
            : null
        }
        busy={busy !== null}
        onClose={close}
      />
    </>
  )
}

function Outcome({ outcome: { settings }, planned }: OutcomeProps) {
  const cancelled = settings.length > 0 && settings.every(({ outcome }) => outcome.state === 'cancelled')
  return (
    <>
      {cancelled && <p className="note">{strings.changes.nothingChanged}</p>}
      <ul className="trust-stores">
        {settings.map(({ id, title, outcome, state }) => {
          const [shape, tone] = SETTING_LOOKS[state]
          return (
            <li key={id}>
              <OutcomeOfPlan
                title={title}
                outcome={outcome}
                planned={planned(id)}
                state={
                  <Mark shape={shape} tone={tone}>
                    {text.states[state]}
                  </Mark>
                }
              />
            </li>
          )
        })}
      </ul>
    </>
  )
}

interface OutcomeProps {
  outcome: SystemOutcome
  planned: (id: string) => React.ComponentProps<typeof OutcomeOfPlan>['planned']
}
