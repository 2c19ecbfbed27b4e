import type { ShareVia } from '../../../shared/share-schemas.js'
import { Modal } from '../../components/modal.js'
import { useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { viaName } from './share-ways.js'
import { useRelayDraft } from './use-relay-draft.js'

const text = strings.share.relay

/** Saves a relay by which apps can be shared; it is tried first. @param onAdded is given the new way */
export function RelayForm({ onClose, onAdded }: { onClose(): void; onAdded?: (via: ShareVia) => void }) {
  const form = useRelayDraft((via) => {
    useToasts.getState().show({ message: strings.share.ways.added(viaName(via)), tone: 'plain' })
    onAdded?.(via)
    onClose()
  })
  return (
    <Modal label={text.title} className="share-dialog" holdsInput onClose={onClose}>
      <header>
        <h1>{text.title}</h1>
      </header>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void form.save()
        }}
      >
        <div className="content">
          <p className="soft">{text.lead}</p>
          <RelayFields {...form} />
        </div>
        <footer>
          <span className="push" role="status">
            {form.busy && <span className="soft">{text.trying}</span>}
          </span>
          <button type="button" className="button" onClick={onClose}>
            {strings.actions.cancel}
          </button>
          <button type="submit" className="button primary" aria-disabled={form.busy}>
            {text.add}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

function RelayFields({ draft, change, problems }: ReturnType<typeof useRelayDraft>) {
  return (
    <>
      <Field label={text.url} help={text.urlHelp} problems={problems('url')}>
        {(props) => (
          <input
            {...props}
            className="input"
            data-first
            placeholder="wss://"
            spellCheck={false}
            value={draft.url}
            onChange={(event) => change({ url: event.target.value })}
          />
        )}
      </Field>
      <Field label={text.token} help={text.tokenHelp} problems={problems('token')}>
        {(props) => (
          <input
            {...props}
            className="input"
            type="password"
            autoComplete="off"
            value={draft.token}
            onChange={(event) => change({ token: event.target.value })}
          />
        )}
      </Field>
      <label className="mark">
        <input type="checkbox" checked={draft.ownCa} onChange={(event) => change({ ownCa: event.target.checked })} />
        {text.caOptional}
      </label>
      {draft.ownCa && (
        <Field label={text.ca} help={text.caHelp} problems={problems('ca')}>
          {(props) => (
            <textarea
              {...props}
              className="textarea"
              rows={4}
              spellCheck={false}
              placeholder="-----BEGIN CERTIFICATE-----"
              value={draft.ca}
              onChange={(event) => change({ ca: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}
