import { useState } from 'react'
import type { App } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import type { PolicyKey } from '../../../shared/policies-schema.js'
import { call } from '../../bridge.js'
import { JsonField } from '../../components/json-field.js'
import { Modal } from '../../components/modal.js'
import { FaultNote } from '../../components/states.js'
import { strings } from '../../strings.js'
import { EditorFooter } from './editor-footer.js'
import { asSaved } from './hidden-values.js'
import { draftAt, problemsOf, toForm, toJson, withJson } from './policy-draft.js'
import { PolicyFields } from './policy-fields.js'
import { type Scope, standingOf } from './policy-scopes.js'
import { savePolicy } from './save-policy.js'

const text = strings.policies

/** Turns a policy on or off at a scope, and changes it: as a form, or as JSON of the same value. */
export function PolicyEditor({ app, scope, policy, onClose }: PolicyEditorProps) {
  const [draft, setDraft] = useState(() => draftAt(app, scope, policy))
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Fault | null>(null)
  const standing = standingOf(app, scope, policy)
  const where = scope?.path ?? app.name
  const problems = problemsOf(policy, draft)

  async function save(settings: () => Promise<unknown>): Promise<void> {
    setBusy(true)
    try {
      await savePolicy(app, scope, policy, await settings())
      onClose()
    } catch (error) {
      setRefusal(Fault.of(error))
      setBusy(false)
    }
  }

  function submit(event: React.FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const form = event.currentTarget
    setTried(true)
    if (problems.length === 0) void save(() => asSaved(draft.value, draft.vault, hashOf))
    else requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
  }

  return (
    <Modal label={text.heading(text.names[policy], where)} className="policy-editor" holdsInput onClose={onClose}>
      <header>
        <h1>{text.names[policy]}</h1>
        <span className="chip">{where}</span>
        <fieldset className="segments push" aria-label={strings.form.view}>
          <button type="button" aria-pressed={draft.json === null} onClick={() => setDraft(toForm(draft))}>
            {strings.form.form}
          </button>
          <button
            type="button"
            aria-pressed={draft.json !== null}
            onClick={() => setDraft(draft.json === null ? toJson(draft) : draft)}
          >
            {strings.form.json}
          </button>
        </fieldset>
      </header>
      <form onSubmit={submit} noValidate>
        <div className="content">
          <p className="soft">{noteOf(standing, scope, where) ?? text.about[policy]}</p>
          {draft.json === null ? (
            <PolicyFields
              policy={policy}
              draft={draft}
              problems={problems}
              tried={tried}
              onChange={(change) => {
                setDraft({ ...draft, ...change })
                setRefusal(null)
              }}
            />
          ) : (
            <JsonField
              id="policy-json"
              label={text.jsonLabel}
              help={draft.vault.size > 0 ? text.hiddenHelp : undefined}
              json={draft.json}
              problems={problems}
              onChange={(json) => setDraft(withJson(draft, json))}
            />
          )}
          {refusal !== null && <FaultNote fault={refusal} />}
        </div>
        <EditorFooter
          standing={standing}
          ofRoute={scope !== null}
          disabled={busy || (tried && problems.length > 0)}
          onSet={(settings) => void save(async () => settings)}
          onClose={onClose}
        />
      </form>
    </Modal>
  )
}

interface PolicyEditorProps {
  app: App
  scope: Scope
  policy: PolicyKey
  onClose(): void
}

async function hashOf(password: string): Promise<string> {
  return (await call('password.hash', { password })).hash
}

/** What to know of a route's policy that the app has something to do with. */
function noteOf({ own, shared }: ReturnType<typeof standingOf>, scope: Scope, where: string): string | null {
  if (scope === null || shared === undefined || shared === false) return null
  if (own === undefined) return text.comesFromApp(where)
  return own === false ? text.isOffHere : text.overridesApp
}
