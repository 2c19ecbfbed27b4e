import { Power } from 'lucide-react'
import { useState } from 'react'
import type { Status } from '../shared/contract.js'
import { call, inDesktopApp } from './bridge.js'
import { Modal } from './components/modal.js'
import { useConnection } from './stores/connection.js'
import { useStatus } from './stores/feeds.js'
import { attempt } from './stores/toasts.js'
import { strings } from './strings.js'

const text = strings.power

/** Turns the gateway off and on. A window in a browser comes through the gateway: there it asks first. */
export function PowerSwitch({ status }: { status: Status }) {
  const [asking, setAsking] = useState(false)
  const { state } = useConnection()
  const { refresh } = useStatus()
  const on = status.state !== 'paused'
  const turn = (command: 'gateway.pause' | 'gateway.resume') =>
    attempt(async () => {
      setAsking(false)
      await call(command, {})
      await refresh()
    })
  return (
    <>
      <button
        type="button"
        role="switch"
        aria-checked={on}
        disabled={state !== 'connected' || (status.state !== 'running' && on)}
        onClick={() => {
          if (!on) void turn('gateway.resume')
          else if (inDesktopApp) void turn('gateway.pause')
          else setAsking(true)
        }}
        aria-label={text.label}
        title={on ? text.turnOff : text.turnOn}
      >
        <Power className="icon" />
        {on ? text.on : text.off}
      </button>
      {asking && (
        <Modal label={text.question} onClose={() => setAsking(false)}>
          <header>
            <h1>{text.question}</h1>
          </header>
          <div className="content">
            <p>{text.locksOut}</p>
            <p>
              <code>{text.command}</code>
            </p>
          </div>
          <footer>
            <button type="button" className="button push" data-first onClick={() => setAsking(false)}>
              {strings.actions.cancel}
            </button>
            <button type="button" className="button danger" onClick={() => void turn('gateway.pause')}>
              {text.turnOff}
            </button>
          </footer>
        </Modal>
      )}
    </>
  )
}
