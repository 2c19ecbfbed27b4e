import { RefreshCw } from 'lucide-react'
import { CopyButton } from '../../components/copy-button.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { VISITOR } from './share-actions.js'
import type { ShareDraft } from './share-draft.js'
import { suggestPassword } from './suggest-password.js'

const text = strings.share.dialog

/** Whether visitors are asked for a password, and for which. It is there to be passed on, so it can be read. */
export function PasswordFields({ draft: { app, ask, password }, problem, onChange }: PasswordFieldsProps) {
  return (
    <div className="share-password">
      <div className="field">
        <label className="mark">
          <input type="checkbox" checked={ask} onChange={(event) => onChange({ ask: event.target.checked })} />
          {text.ask}
        </label>
        {!ask && <span className="help">{text.askHelp}</span>}
      </div>
      {ask && (
        <Field label={text.password} help={text.passwordHelp(VISITOR)} problems={problem === null ? [] : [problem]}>
          {(field) => (
            <div className="password-row">
              <input
                {...field}
                className="input mono"
                autoComplete="off"
                spellCheck={false}
                maxLength={1_024}
                value={password}
                onChange={(event) => onChange({ password: event.target.value })}
              />
              <CopyButton text={password} what={strings.share.password(app)} />
              <button
                type="button"
                className="icon-button"
                aria-label={text.another}
                title={text.another}
                onClick={() => onChange({ password: suggestPassword() })}
              >
                <RefreshCw className="icon" />
              </button>
            </div>
          )}
        </Field>
      )}
    </div>
  )
}

interface PasswordFieldsProps {
  draft: ShareDraft
  problem: string | null
  onChange(change: Partial<ShareDraft>): void
}
