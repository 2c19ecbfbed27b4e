import { useState } from 'react'
import type { TrustAction } from '../../../shared/trust-schemas.js'
import { call, inDesktopApp } from '../../bridge.js'
import { Modal } from '../../components/modal.js'
import { FaultNote } from '../../components/states.js'
import { useAuthority, useCertificates, useTrust } from '../../stores/feeds.js'
import { attempt } from '../../stores/toasts.js'
import { type TrustWish, useTrustDialog } from '../../stores/trust-dialog.js'
import { strings } from '../../strings.js'
import { OutcomeOfStores, PlanOfStores } from './trust-plan.js'
import { type TrustChange, useTrustChange } from './use-trust-change.js'

const text = strings.certificates

/** What was asked of the trust stores: the plan before anything is done, and what came of it after. */
export function TrustDialog() {
  const { wish, close } = useTrustDialog()
  if (wish === null) return null
  return (
    <Modal label={titleOf(wish)} className="trust-dialog" onClose={close}>
      <header>
        <h2>{titleOf(wish)}</h2>
      </header>
      {wish.kind === 'rotate' ? <Rotation /> : <Change key={wish.action} action={wish.action} stores={wish.stores} />}
    </Modal>
  )
}

function titleOf(wish: TrustWish): string {
  return text.titles[wish.kind === 'rotate' ? 'rotate' : wish.action]
}

function Change({ action, stores }: { action: TrustAction; stores: string[] | undefined }) {
  const close = useTrustDialog((state) => state.close)
  const change = useTrustChange(action, stores)
  const { plan, outcome, fault, busy, offered, chosen } = change
  const isEmpty = plan?.stores.length === 0 && offered.length === 0
  const canApply =
    outcome === null && plan?.stores.some((store) => store.plan.steps.some(({ kind }) => kind !== 'note')) === true
  return (
    <>
      <div className="content" aria-live="polite" aria-busy={busy !== null}>
        {outcome === null && !isEmpty && <p className="soft">{text.leads[action]}</p>}
        {outcome === null && !inDesktopApp && <p className="note warn">{text.elsewhere}</p>}
        {busy === 'planning' && plan === null && <p className="faint">{text.planFirst}</p>}
        {fault !== null && <FaultNote fault={fault} retry={change.replan} />}
        {isEmpty && <p>{text.nothing[action]}</p>}
        {outcome === null && plan !== null && !isEmpty && <PlanOfStores change={change} />}
        {outcome !== null && <Outcome change={change} outcome={outcome} />}
      </div>
      <footer>
        {outcome === null && plan?.elevated === true && <span className="soft">{text.approval}</span>}
        <button type="button" className="button push" data-first onClick={close}>
          {outcome === null && !isEmpty ? strings.actions.cancel : strings.actions.close}
        </button>
        {canApply && (
          <button
            type="button"
            className={action === 'install' || action === 'replace' ? 'button primary' : 'button danger'}
            disabled={busy !== null || chosen.size === 0}
            onClick={change.apply}
          >
            {busy === 'applying' ? text.doing : text.doIt[action]}
          </button>
        )}
      </footer>
    </>
  )
}

function Outcome({ change, outcome }: { change: TrustChange; outcome: NonNullable<TrustChange['outcome']> }) {
  const cancelled = outcome.stores.length > 0 && outcome.stores.every((store) => store.outcome.state === 'cancelled')
  return (
    <>
      {cancelled && <p className="note">{text.nothingChanged}</p>}
      <OutcomeOfStores outcome={outcome} change={change} />
      {outcome.ok && <p className="soft">{text.restart}</p>}
    </>
  )
}

/** A new CA, and then the plan of those who trust the old one. */
function Rotation() {
  const { ask, close } = useTrustDialog()
  const trust = useTrust()
  const authority = useAuthority()
  const certificates = useCertificates()
  const [busy, setBusy] = useState(false)
  const trusting = trust.data?.stores.filter(({ state }) => state === 'trusted') ?? []
  const rotate = async () => {
    setBusy(true)
    await attempt(async () => {
      await call('ca.rotate', {})
      ask({ kind: 'change', action: 'replace' })
      await Promise.all([authority.refresh(), trust.refresh(), certificates.refresh()])
    })
    setBusy(false)
  }
  return (
    <>
      <div className="content">
        <p>{text.rotateText}</p>
        {trusting.length > 0 && (
          <div>
            <p className="soft">{text.rotateIn}</p>
            <ul className="plain-list">
              {trusting.map(({ id, title }) => (
                <li key={id}>{title}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      <footer>
        <button type="button" className="button push" data-first disabled={busy} onClick={close}>
          {strings.actions.cancel}
        </button>
        <button type="button" className="button danger" disabled={busy} onClick={() => void rotate()}>
          {busy ? text.doing : text.rotateDo}
        </button>
      </footer>
    </>
  )
}
