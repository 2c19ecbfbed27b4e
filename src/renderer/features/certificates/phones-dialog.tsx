import { useCallback, useEffect, useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { PhonesStatus } from '../../../shared/phones-schemas.js'
import { call } from '../../bridge.js'
import { CopyButton } from '../../components/copy-button.js'
import { Modal } from '../../components/modal.js'
import { QrCode } from '../../components/qr-code.js'
import { FaultNote } from '../../components/states.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { secondsUntil, useNow } from '../../use-now.js'

const text = strings.phones

/** The page for phones: it is there as long as this dialog, and ten minutes at most. */
export function PhonesDialog({ onClose }: { onClose(): void }) {
  const [status, setStatus] = useState<PhonesStatus | null>(null)
  const [fault, setFault] = useState<Fault | null>(null)
  const open = useCallback(async () => {
    setFault(null)
    try {
      setStatus(await call('phones.open', {}))
    } catch (error) {
      setFault(Fault.of(error))
    }
  }, [])
  useEffect(() => void open(), [open])
  const stop = useCallback(() => {
    onClose()
    void attempt(async () => void (await call('phones.close', {})))
  }, [onClose])
  const seconds = useSecondsLeft(status)
  const isOpen = status?.open === true && seconds > 0
  return (
    <Modal label={text.title} className="phones-dialog" onClose={stop}>
      <header>
        <h2>{text.title}</h2>
      </header>
      <div className="content">
        {fault !== null && <FaultNote fault={fault} retry={() => void open()} />}
        {fault === null && status === null && <p className="faint">{text.opening}</p>}
        {isOpen && <OpenPage urls={status.urls} />}
        {status !== null && !isOpen && <p role="status">{text.closed}</p>}
        {status !== null && <LanSwitch status={status} changed={setStatus} />}
      </div>
      <footer>
        {isOpen && <span className="soft numbers">{text.left(clock(seconds))}</span>}
        {status !== null && !isOpen && (
          <button type="button" className="button push" onClick={() => void open()}>
            {text.openAgain}
          </button>
        )}
        <button type="button" className={isOpen ? 'button push' : 'button'} data-first onClick={stop}>
          {isOpen ? text.stop : strings.actions.close}
        </button>
      </footer>
    </Modal>
  )
}

function OpenPage({ urls }: { urls: readonly string[] }) {
  const [url = '', ...others] = urls
  return (
    <>
      <p>{text.lead}</p>
      <QrCode text={url} label={text.code} />
      <div className="command">
        <code>{url}</code>
        <CopyButton text={url} what={text.address} />
      </div>
      {others.length > 0 && (
        <details>
          <summary className="soft">{text.others}</summary>
          <ul>
            {others.map((other) => (
              <li key={other}>
                <code>{other}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

/** What phones are for, mostly; what it exposes stands beside it. */
function LanSwitch({ status, changed }: { status: PhonesStatus; changed(status: PhonesStatus): void }) {
  const [busy, setBusy] = useState(false)
  const { enabled } = status.lan
  const set = async (wanted: boolean) => {
    setBusy(true)
    await attempt(async () => {
      await call('lan.set', { enabled: wanted })
      changed(await call('phones.status', {}))
    })
    setBusy(false)
  }
  return (
    <div className="field">
      <label className="mark">
        <input type="checkbox" checked={enabled} disabled={busy} onChange={(event) => void set(event.target.checked)} />
        {text.lan}
      </label>
      <span className="help">{enabled ? text.lanOn : text.lanOff}</span>
    </div>
  )
}

function useSecondsLeft(status: PhonesStatus | null): number {
  const expiresAt = status?.open === true ? status.expiresAt : null
  const now = useNow(expiresAt !== null)
  return expiresAt === null ? 0 : secondsUntil(expiresAt, now)
}

/** `9:05` */
function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
