import { useState } from 'react'
import type { ShareRelay, ShareVia } from '../../../shared/share-schemas.js'
import { call } from '../../bridge.js'
import { Modal } from '../../components/modal.js'
import { useShareWays } from '../../stores/share.js'
import { useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { missingOf, problemOf, type RelayField, type RelayProblem } from './relay-problems.js'
import { viaName } from './share-ways.js'

const text = strings.share.relay

/** Saves a relay by which apps can be shared; it is tried first. @param onAdded is given the new way */
export function RelayForm({ onClose, onAdded }: { onClose(): void; onAdded?: (via: ShareVia) => void }) {
  const { data: before, refresh } = useShareWays()
  const [draft, setDraft] = useState({ url: '', token: '', ca: '' })
  const [problem, setProblem] = useState<RelayProblem | null>(null)
  const [busy, setBusy] = useState(false)
  const [ownCa, setOwnCa] = useState(false)

  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault()
    if (busy) return
    const ca = draft.ca.trim()
    const relay: ShareRelay = {
      url: draft.url.trim(),
      token: draft.token.trim(),
      ...(ownCa && ca !== '' ? { ca } : {}),
    }
    const missing = missingOf(relay)
    setProblem(missing)
    if (missing !== null) return
    setBusy(true)
    try {
      const known = new Set(before?.map((way) => (way.kind === 'relay' ? way.url : '')))
      const relays = (await call('share.relay.save', relay)).filter((way) => way.kind === 'relay')
      await refresh()
      const saved = relays.find(({ url }) => !known.has(url)) ?? relays.find(({ url }) => url.startsWith(relay.url))
      const via: ShareVia = { kind: 'relay', url: saved?.url ?? relay.url }
      useToasts.getState().show({ message: strings.share.ways.added(viaName(via)), tone: 'plain' })
      onAdded?.(via)
      onClose()
    } catch (error) {
      const found = problemOf(error)
      if (found.field === 'ca') setOwnCa(true)
      setProblem(found)
      setBusy(false)
    }
  }

  const field = (name: RelayField, value: string) => {
    setDraft({ ...draft, [name]: value })
    if (problem?.field === name) setProblem(null)
  }
  const told = (name: RelayField) =>
    problem?.field === name ? [[problem.message, problem.hint].filter((part) => part !== undefined).join(' ')] : []
  return (
    <Modal label={text.title} className="share-dialog" holdsInput onClose={onClose}>
      <header>
        <h1>{text.title}</h1>
      </header>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <div className="content">
          <p className="soft">{text.lead}</p>
          <Field label={text.url} help={text.urlHelp} problems={told('url')}>
            {(props) => (
              <input
                {...props}
                className="input"
                data-first
                placeholder="wss://"
                spellCheck={false}
                value={draft.url}
                onChange={(event) => field('url', event.target.value)}
              />
            )}
          </Field>
          <Field label={text.token} help={text.tokenHelp} problems={told('token')}>
            {(props) => (
              <input
                {...props}
                className="input"
                type="password"
                autoComplete="off"
                value={draft.token}
                onChange={(event) => field('token', event.target.value)}
              />
            )}
          </Field>
          <label className="mark">
            <input type="checkbox" checked={ownCa} onChange={(event) => setOwnCa(event.target.checked)} />
            {text.caOptional}
          </label>
          {ownCa && (
            <Field label={text.ca} help={text.caHelp} problems={told('ca')}>
              {(props) => (
                <textarea
                  {...props}
                  className="textarea"
                  rows={4}
                  spellCheck={false}
                  placeholder="-----BEGIN CERTIFICATE-----"
                  value={draft.ca}
                  onChange={(event) => field('ca', event.target.value)}
                />
              )}
            </Field>
          )}
        </div>
        <footer>
          <span className="push" role="status">
            {busy && <span className="soft">{text.trying}</span>}
          </span>
          <button type="button" className="button" onClick={onClose}>
            {strings.actions.cancel}
          </button>
          <button type="submit" className="button primary" aria-disabled={busy}>
            {text.add}
          </button>
        </footer>
      </form>
    </Modal>
  )
}
