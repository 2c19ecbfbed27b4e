import type { Problem } from '../../../shared/contract.js'
import { strings } from '../../strings.js'
import type { AppDraft, TargetKind } from './app-draft.js'
import { Field } from './app-field.js'
import { ProcessFields } from './process-fields.js'

const text = strings.form
const KINDS: TargetKind[] = ['port', 'process', 'backends', 'directory']

/** The form's fields. `problems` are those of fields that the person has been to. */
export function AppFields({ draft, first, problems, onChange, onTouched }: AppFieldsProps) {
  const kinds: TargetKind[] = Object.keys(draft.other).length === 0 ? KINDS : [...KINDS, 'other']
  const of = (...fields: string[]) =>
    problems.filter(({ path }) => fields.some((field) => path.startsWith(field))).map(({ message }) => message)
  return (
    <>
      <Field label={text.name} help={text.nameHelp(draft.name.trim())} problems={of('name')}>
        {(props) => (
          <input
            {...props}
            className="input"
            data-first={first === 'name' || undefined}
            autoComplete="off"
            spellCheck={false}
            value={draft.name}
            onChange={(event) => onChange({ name: event.target.value })}
            onBlur={() => draft.name !== '' && onTouched('name')}
          />
        )}
      </Field>
      <div className="field">
        <span className="label">{text.target}</span>
        <fieldset className="segments" aria-label={text.target}>
          {kinds.map((kind) => (
            <button key={kind} type="button" aria-pressed={draft.kind === kind} onClick={() => onChange({ kind })}>
              {text.kinds[kind]}
            </button>
          ))}
        </fieldset>
      </div>
      {draft.kind === 'port' && (
        <Field label={text.port} help={text.portHelp} problems={of('port')}>
          {(props) => (
            <input
              {...props}
              className="input"
              data-first={first === 'port' || undefined}
              inputMode="numeric"
              autoComplete="off"
              placeholder="3000"
              value={draft.port}
              onChange={(event) => {
                onChange({ port: event.target.value })
                onTouched('port')
              }}
            />
          )}
        </Field>
      )}
      {draft.kind === 'backends' && (
        <Field label={text.backends} problems={of('routes')}>
          {(props) => (
            <textarea
              {...props}
              className="textarea"
              data-first={first === 'backends' || undefined}
              rows={3}
              spellCheck={false}
              placeholder={'http://127.0.0.1:8000\nhttp://127.0.0.1:8001'}
              value={draft.backends}
              onChange={(event) => onChange({ backends: event.target.value })}
              onBlur={() => onTouched('routes')}
            />
          )}
        </Field>
      )}
      {draft.kind === 'directory' && (
        <>
          <Field label={text.directory} help={text.directoryHelp} problems={of('static')}>
            {(props) => (
              <input
                {...props}
                className="input mono"
                spellCheck={false}
                placeholder="./site"
                value={draft.dir}
                onChange={(event) => onChange({ dir: event.target.value })}
                onBlur={() => onTouched('static')}
              />
            )}
          </Field>
          <label className="mark">
            <input type="checkbox" checked={draft.spa} onChange={(event) => onChange({ spa: event.target.checked })} />
            {text.spa}
          </label>
        </>
      )}
      {draft.kind === 'process' && (
        <ProcessFields
          draft={draft.process}
          first={first}
          problems={problems}
          onChange={(change) => onChange({ process: { ...draft.process, ...change } })}
          onTouched={onTouched}
        />
      )}
      {draft.kind === 'other' && <p className="soft">{text.other}</p>}
      <Field label={text.hosts} help={text.hostsHelp} problems={of('hosts')}>
        {(props) => (
          <textarea
            {...props}
            className="textarea"
            rows={2}
            spellCheck={false}
            value={draft.hosts}
            onChange={(event) => {
              onChange({ hosts: event.target.value })
              onTouched('hosts')
            }}
          />
        )}
      </Field>
      {of('certificate', 'policies', 'enabled', ...(draft.kind === 'process' ? [] : ['process'])).map((message) => (
        <p key={message} className="problem">
          {message}
        </p>
      ))}
    </>
  )
}

/** The field that has the focus when the form opens. */
export type FirstField = 'name' | 'port' | 'backends' | 'command'

interface AppFieldsProps {
  draft: AppDraft
  first: FirstField
  problems: Problem[]
  onChange(change: Partial<AppDraft>): void
  onTouched(field: string): void
}
