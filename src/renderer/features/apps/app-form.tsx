import { useState } from 'react'
import type { App } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import { call } from '../../bridge.js'
import { JsonField } from '../../components/json-field.js'
import { Modal } from '../../components/modal.js'
import { FaultNote } from '../../components/states.js'
import { useToasts } from '../../stores/toasts.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { type AppDraft, appOf, draftOf, EMPTY_DRAFT, parseJson, problemsOf } from './app-draft.js'
import { AppFields, type FirstField } from './app-fields.js'

const text = strings.form

/**
 * Adds or edits an app, as a form or as raw JSON of the same app; both are checked as they are typed.
 *
 * @param replaces the name of the app being edited; null for a new one
 * @param focus the field that it begins at
 */
export function AppForm({ start, replaces, focus = 'name' }: AppFormProps) {
  const { show, selectApp, go } = useUi()
  const [draft, setDraft] = useState<AppDraft>(start === null ? EMPTY_DRAFT : draftOf(start))
  const [json, setJson] = useState<string | null>(null)
  const [tried, setTried] = useState(false)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [refusal, setRefusal] = useState<Fault | null>(null)
  const title = replaces === null ? text.addTitle : text.editTitle(replaces)
  const parsed = json === null ? { value: appOf(draft) } : parseJson(json)
  const problems = 'value' in parsed ? problemsOf(parsed.value) : [{ path: '', message: text.notJson(parsed.reason) }]

  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault()
    setTried(true)
    if (problems.length > 0 || !('value' in parsed)) return
    const app = parsed.value as App
    try {
      if (replaces === null) await call('app.add', { app })
      else await call('app.update', { name: replaces, app })
      show(null)
      go('apps')
      selectApp(app.name)
      if (replaces === null) {
        useToasts.getState().show({ message: strings.apps.added(app.name), tone: 'plain' })
      }
    } catch (error) {
      setRefusal(Fault.of(error))
    }
  }

  function toForm(): void {
    setTried(true)
    if (problems.length > 0 || !('value' in parsed)) return
    setDraft(draftOf(parsed.value as App))
    setJson(null)
  }

  return (
    <Modal label={title} holdsInput onClose={() => show(null)}>
      <header>
        <h1>{title}</h1>
        <fieldset className="segments push" aria-label={text.view}>
          <button type="button" aria-pressed={json === null} onClick={toForm}>
            {text.form}
          </button>
          <button
            type="button"
            aria-pressed={json !== null}
            onClick={() => setJson(json ?? JSON.stringify(appOf(draft), null, 2))}
          >
            {text.json}
          </button>
        </fieldset>
      </header>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <div className="content">
          {json === null ? (
            <AppFields
              draft={draft}
              first={focus}
              problems={problems.filter(({ path }) => tried || touched.has(fieldOf(path)))}
              onChange={(change) => {
                setDraft({ ...draft, ...change })
                setRefusal(null)
              }}
              onTouched={(field) => setTouched(new Set(touched).add(field))}
            />
          ) : (
            <JsonField
              id="app-json"
              label={strings.form.jsonLabel}
              json={json}
              problems={problems}
              onChange={setJson}
            />
          )}
          {refusal !== null && <FaultNote fault={refusal} />}
        </div>
        <footer>
          <button type="button" className="button push" onClick={() => show(null)}>
            {strings.actions.cancel}
          </button>
          <button type="submit" className="button primary" disabled={tried && problems.length > 0}>
            {replaces === null ? strings.actions.addApp : strings.actions.save}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

interface AppFormProps {
  start: App | null
  replaces: string | null
  focus?: FirstField | undefined
}

/** The field that a problem belongs to. @param path as `routes[0].upstream.backends[1].url` or `process.dependsOn[0]` */
function fieldOf(path: string): string {
  return /^(process\.)?[a-z]*/i.exec(path)?.[0] ?? ''
}
