import { useCallback, useEffect, useState } from 'react'
import type { DoctorFix } from '../../../shared/doctor-schemas.js'
import { Fault } from '../../../shared/fault.js'
import type { Step } from '../../../shared/plan.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { TrustPlan } from '../../../shared/trust-schemas.js'
import { call } from '../../bridge.js'
import { Modal } from '../../components/modal.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { runDoctor } from '../../stores/doctor.js'
import { useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.doctor

/** Shows what a fix would change, and does exactly that when told to. */
export function FixPlan({ wanted, title, onClose }: FixPlanProps) {
  const [plan, setPlan] = useState<TrustPlan | null>(null)
  const [fault, setFault] = useState<Fault | null>(null)
  const [working, setWorking] = useState(false)
  const look = useCallback(() => {
    setFault(null)
    setPlan(null)
    call('trust.plan', wanted).then(setPlan, (error: unknown) => setFault(Fault.of(error)))
  }, [wanted])
  useEffect(look, [look])
  const apply = async (id: string) => {
    setWorking(true)
    try {
      const { ok, stores } = await call('trust.apply', { ...wanted, id })
      const said = stores.map(({ outcome }) => outcome.message).find((message) => message !== '')
      useToasts
        .getState()
        .show(ok ? { message: text.done, tone: 'plain' } : { message: text.notDone, hint: said, tone: 'bad' })
      onClose()
      void runDoctor()
    } catch (error) {
      setFault(Fault.of(error))
      setWorking(false)
    }
  }
  const steps = plan?.stores.flatMap((store) => store.plan.steps) ?? []
  return (
    <Modal label={text.plan} onClose={onClose}>
      <header>
        <h1>{text.plan}</h1>
      </header>
      <div className="content">
        <p className="soft">{title}</p>
        {plan === null && fault === null && <Skeleton />}
        {fault !== null && <FaultNote fault={fault} retry={look} />}
        {plan !== null && steps.length === 0 && <p>{text.planEmpty}</p>}
        <ol className="plan-steps">
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no name and never move
            <PlanStep key={index} step={step} />
          ))}
        </ol>
        {plan?.elevated === true && <p>{text.elevated}</p>}
      </div>
      <footer>
        <button type="button" className="button push" onClick={onClose}>
          {strings.actions.cancel}
        </button>
        <button
          type="button"
          className="button primary"
          data-first
          disabled={plan === null || steps.length === 0 || working}
          onClick={() => plan !== null && void apply(plan.id)}
        >
          {working ? text.applying : text.apply}
        </button>
      </footer>
    </Modal>
  )
}

function PlanStep({ step }: { step: Step }) {
  if (step.kind === 'note') return <li>{step.text}</li>
  return (
    <li>
      <code>{deedOf(step)}</code>
      <span className="soft">
        {step.elevated && `${text.asAdministrator}. `}
        {step.why}
      </span>
    </li>
  )
}

function deedOf(step: Exclude<Step, { kind: 'note' }>): string {
  switch (step.kind) {
    case 'command':
      return text.steps.run([step.program, ...step.args].map(word).join(' '))
    case 'write-file':
      return text.steps.write(step.path)
    case 'remove-file':
      return text.steps.remove(step.path)
    case 'make-directory':
      return text.steps.folder(step.path)
  }
}

function word(text: string): string {
  return /^[\w./:=,+-]+$/.test(text) ? text : shellQuote(text)
}

interface FixPlanProps {
  wanted: NonNullable<DoctorFix['plan']>
  title: string
  onClose(): void
}
