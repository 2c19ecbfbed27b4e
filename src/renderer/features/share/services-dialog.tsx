import { useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import { call } from '../../bridge.js'
import { Modal } from '../../components/modal.js'
import { FaultNote } from '../../components/states.js'
import { useProcesses, useStatus } from '../../stores/feeds.js'
import { useTunnels } from '../../stores/tunnels.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { showServices } from './services-actions.js'
import { ownTargets, relayHost } from './services-look.js'

const text = strings.services.dialog

/** What users of a relay may reach here. @param relay its address */
export function ServicesDialog({ relay }: { relay: string }) {
  const show = useUi((state) => state.show)
  const tunnel = (useTunnels().data ?? []).find((one) => one.relay === relay)
  const isChange = tunnel !== undefined && tunnel.state !== 'ended'
  const { draft, setDraft, fault, busy, submit } = useAllowDraft(relay, tunnel?.allow ?? [])
  const title = isChange ? text.changeTitle(relayHost(relay)) : text.title(relayHost(relay))
  const ofLine = fault?.code === 'usage'
  return (
    <Modal label={title} className="share-dialog" holdsInput onClose={() => show(null)}>
      <header>
        <h1>{title}</h1>
      </header>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <div className="content">
          <p className="soft">{text.lead}</p>
          <OwnApps />
          <Field label={text.allow} help={text.allowHelp} problems={ofLine ? [sentences(fault)] : []}>
            {(props) => (
              <textarea
                {...props}
                className="textarea"
                data-first
                rows={4}
                spellCheck={false}
                placeholder="db.lan:5432"
                value={draft}
                onChange={(event) => setDraft(event.target.value)}
              />
            )}
          </Field>
          <p className="soft">{text.never}</p>
          {isChange && <p className="soft">{text.cut}</p>}
          {fault !== null && !ofLine && <FaultNote fault={fault} />}
        </div>
        <footer>
          <button type="button" className="button push" onClick={() => show(null)}>
            {strings.actions.cancel}
          </button>
          <button type="submit" className="button primary" aria-disabled={busy}>
            {busy ? text.busy : isChange ? text.apply : text.connect}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

/** What users reach without a word. */
function OwnApps() {
  const apps = useStatus().data?.apps ?? []
  const own = ownTargets(apps, useProcesses().data ?? [])
  return (
    <div className="own-apps">
      <p>{own.length === 0 ? text.noApps : text.apps}</p>
      {own.length > 0 && (
        <ul>
          {own.map(({ app, ports }) => (
            <li key={app} className="chip">
              {app} <code>{ports.join(', ')}</code>
            </li>
          ))}
        </ul>
      )}
      <p className="soft">{text.direct}</p>
    </div>
  )
}

function useAllowDraft(relay: string, before: readonly string[]) {
  const [draft, setDraft] = useState(before.join('\n'))
  const [fault, setFault] = useState<Fault | null>(null)
  const [busy, setBusy] = useState(false)
  async function submit(): Promise<void> {
    if (busy) return
    setBusy(true)
    try {
      await call('tunnel.open', { relay, allow: draft.split('\n') })
      useUi.getState().show(null)
      showServices(relay)
    } catch (error) {
      setFault(Fault.of(error))
      setBusy(false)
    }
  }
  return { draft, setDraft, fault, busy, submit }
}

function sentences({ message, hint }: Fault): string {
  return hint === undefined ? message : `${message} ${hint}`
}
