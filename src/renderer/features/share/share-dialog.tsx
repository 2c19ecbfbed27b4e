import { useState } from 'react'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { Modal } from '../../components/modal.js'
import { FaultNote } from '../../components/states.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { RelayForm } from './relay-form.js'
import { showShare } from './share-actions.js'
import { ShareFields } from './share-fields.js'
import { isLive } from './share-look.js'
import { useShareDraft } from './use-share-draft.js'

const text = strings.share.dialog

/**
 * How an app is to be shared: by what, under which name, for how long and to whom.
 *
 * @param app null to choose one
 * @param replaces the share that this one takes the place of; null for none
 */
export function ShareDialog({ app, replaces }: { app: string | null; replaces: ShareStatus | null }) {
  const show = useUi((state) => state.show)
  const [adding, setAdding] = useState(false)
  const form = useShareDraft(app, replaces, (id) => {
    show(null)
    showShare(id)
  })
  const { refusal } = form
  const isChange = replaces !== null && isLive(replaces)
  const title = isChange ? text.changeTitle(replaces.app) : app === null ? text.titleAny : text.title(app)
  return (
    <>
      <Modal label={title} className="share-dialog" holdsInput onClose={() => show(null)}>
        <header>
          <h1>{title}</h1>
        </header>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void form.submit()
          }}
        >
          <div className="content">
            <ShareFields {...form} apps={app === null ? form.apps : null} addRelay={() => setAdding(true)} />
            {isChange && <p className="soft">{text.newAddress}</p>}
            {refusal !== null && <FaultNote fault={refusal} />}
          </div>
          <footer>
            <button type="button" className="button push" onClick={() => show(null)}>
              {strings.actions.cancel}
            </button>
            <button type="submit" className="button primary" disabled={!form.ready} aria-disabled={form.busy}>
              {form.busy ? text.starting : isChange ? text.apply : strings.share.share}
            </button>
          </footer>
        </form>
      </Modal>
      {adding && <RelayForm onClose={() => setAdding(false)} onAdded={(via) => form.change({ via })} />}
    </>
  )
}
