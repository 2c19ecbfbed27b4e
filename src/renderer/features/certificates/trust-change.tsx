import type { TrustAction } from '../../../shared/trust-schemas.js'
import { inDesktopApp } from '../../bridge.js'
import { FaultNote } from '../../components/states.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { strings } from '../../strings.js'
import { ChangeFooter } from '../plan/change-footer.js'
import { doesSomething } from '../plan/plan-parts.js'
import { OutcomeOfStores, PlanOfStores } from './trust-plan.js'
import { type TrustChange, useTrustChange } from './use-trust-change.js'

const text = strings.certificates

/** A change of trust stores, in the dialog. */
export function ChangeTrust({ action, stores }: { action: TrustAction; stores: string[] | undefined }) {
  const close = useChangeDialog((state) => state.close)
  const change = useTrustChange(action, stores)
  const { plan, outcome, fault, busy, offered, chosen } = change
  const isEmpty = plan?.stores.length === 0 && offered.length === 0
  const canApply = outcome === null && plan !== null && doesSomething(plan.stores)
  return (
    <>
      <div className="content" aria-live="polite" aria-busy={busy !== null}>
        {outcome === null && !isEmpty && <p className="soft">{text.leads[action]}</p>}
        {outcome === null && !inDesktopApp && <p className="note warn">{strings.changes.elsewhere}</p>}
        {busy === 'planning' && plan === null && <p className="faint">{strings.changes.planFirst}</p>}
        {fault !== null && <FaultNote fault={fault} retry={change.replan} />}
        {isEmpty && <p>{text.nothing[action]}</p>}
        {outcome === null && plan !== null && !isEmpty && <PlanOfStores change={change} />}
        {outcome !== null && <Outcome change={change} outcome={outcome} />}
      </div>
      <ChangeFooter
        elevated={outcome === null && plan?.elevated === true}
        ends={outcome !== null || isEmpty}
        act={
          canApply
            ? {
                words: text.doIt[action],
                takesAway: action !== 'install' && action !== 'replace',
                running: busy === 'applying',
                disabled: chosen.size === 0,
                run: change.apply,
              }
            : null
        }
        busy={busy !== null}
        onClose={close}
      />
    </>
  )
}

function Outcome({ change, outcome }: { change: TrustChange; outcome: NonNullable<TrustChange['outcome']> }) {
  const cancelled = outcome.stores.length > 0 && outcome.stores.every((store) => store.outcome.state === 'cancelled')
  return (
    <>
      {cancelled && <p className="note">{strings.changes.nothingChanged}</p>}
      <OutcomeOfStores outcome={outcome} change={change} />
      {outcome.ok && <p className="soft">{text.restart}</p>}
    </>
  )
}
