import { useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import { call } from '../../bridge.js'
import { FaultNote } from '../../components/states.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useAuthority, useCertificates, useTrust } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { ChangeFooter } from '../plan/change-footer.js'

const text = strings.certificates

/** A new CA, and then the plan of those who trust the old one; in the dialog. */
export function Rotation({ addDomains }: { addDomains: string[] }) {
  const { ask, close, changed } = useChangeDialog()
  const trust = useTrust()
  const authority = useAuthority()
  const certificates = useCertificates()
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault | null>(null)
  const trusting = trust.data?.stores.filter(({ state }) => state === 'trusted') ?? []
  const rotate = async () => {
    setBusy(true)
    setFault(null)
    try {
      await call('ca.rotate', addDomains.length === 0 ? {} : { addDomains })
      ask({ kind: 'trust', action: 'replace' })
      changed()
      await Promise.all([authority.refresh(), trust.refresh(), certificates.refresh()])
    } catch (error) {
      setFault(Fault.of(error))
    }
    setBusy(false)
  }
  return (
    <>
      <div className="content">
        {fault !== null && <FaultNote fault={fault} retry={() => void rotate()} />}
        <p>{text.rotateText}</p>
        {addDomains.length > 0 && <p>{text.rotateAdds(addDomains.join(', '))}</p>}
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
      <ChangeFooter
        ends={false}
        act={{ words: text.rotateDo, takesAway: true, running: busy, run: () => void rotate() }}
        busy={busy}
        onClose={close}
      />
    </>
  )
}
