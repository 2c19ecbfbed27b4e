import { useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { Modal } from '../../components/modal.js'
import { useSharableApps, useShareWays } from '../../stores/share.js'
import { useShareChoices } from '../../stores/share-choices.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { RelayForm } from './relay-form.js'
import { replaceShare, showShare, startShare } from './share-actions.js'
import { choiceOf, draftOf, nameProblem, passwordProblem, type ShareDraft } from './share-draft.js'
import { ShareFields } from './share-fields.js'
import { isLive } from './share-look.js'
import { firstChoice } from './share-ways.js'

const text = strings.share.dialog

/**
 * How an app is to be shared: by what, under which name, for how long and to whom.
 *
 * @param app null to choose one
 * @param replaces the share that this one takes the place of; null for none
 */
export function ShareDialog({ app, replaces }: { app: string | null; replaces: ShareStatus | null }) {
  const show = useUi((state) => state.show)
  const apps = useSharableApps()
  const { data: ways, fault, refresh } = useShareWays()
  const [kept, setDraft] = useState(() => draftOf(app ?? '', replaces))
  const [adding, setAdding] = useState(false)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Fault | null>(null)
  const draft: ShareDraft = {
    ...kept,
    app: kept.app === '' ? (apps[0] ?? '') : kept.app,
    via: firstChoice(ways ?? [], kept),
  }
  const problems = { name: nameProblem(draft), password: passwordProblem(draft) }
  const isChange = replaces !== null && isLive(replaces)
  const title = isChange ? text.changeTitle(draft.app) : app === null ? text.titleAny : text.title(app)

  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    const { via, ask, password } = draft
    if (busy || via === null || draft.app === '' || problems.name !== null || problems.password !== null) return
    setBusy(true)
    setRefusal(null)
    const choice = choiceOf(draft)
    const start = () => startShare(draft.app, via, choice, ask ? password : null)
    try {
      const { id } = replaces === null ? await start() : await replaceShare(replaces, start)
      useShareChoices.getState().choose(draft.app, choice)
      show(null)
      showShare(id)
    } catch (error) {
      setRefusal(Fault.of(error))
      setBusy(false)
    }
  }

  return (
    <>
      <Modal label={title} className="share-dialog" holdsInput onClose={() => show(null)}>
        <header>
          <h1>{title}</h1>
        </header>
        <form onSubmit={(event) => void submit(event)} noValidate>
          <div className="content">
            <ShareFields
              draft={draft}
              apps={app === null ? apps : null}
              ways={ways}
              fault={fault}
              problems={tried ? problems : { name: problems.name, password: null }}
              lookAgain={() => void refresh()}
              addRelay={() => setAdding(true)}
              onChange={(change) => {
                setDraft({ ...draft, ...change })
                setRefusal(null)
              }}
            />
            {isChange && <p className="soft">{text.newAddress}</p>}
            {refusal !== null && (
              <div className="note bad" role="alert">
                <strong>{refusal.message}</strong>
                {refusal.hint !== undefined && <span>{refusal.hint}</span>}
              </div>
            )}
          </div>
          <footer>
            <button type="button" className="button push" onClick={() => show(null)}>
              {strings.actions.cancel}
            </button>
            <button
              type="submit"
              className="button primary"
              disabled={draft.via === null || draft.app === ''}
              aria-disabled={busy}
            >
              {busy ? text.starting : isChange ? text.apply : strings.share.share}
            </button>
          </footer>
        </form>
      </Modal>
      {adding && <RelayForm onClose={() => setAdding(false)} onAdded={(via) => setDraft({ ...draft, via })} />}
    </>
  )
}
