import type { Problem } from '../../../shared/contract.js'
import { stopSignalSchema } from '../../../shared/process-schema.js'
import { useStatus } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { Field } from './app-field.js'
import type { FirstField } from './app-fields.js'
import { EnvFields } from './env-fields.js'
import type { ProcessDraft } from './process-draft.js'

const text = strings.processForm
const STARTS = ['boot', 'request', 'manual'] as const
const SIGNALS = stopSignalSchema.options
const [DEFAULT_SIGNAL] = SIGNALS

/** The fields of an app that Portico starts itself. */
export function ProcessFields(props: ProcessFieldsProps) {
  const { draft, onChange, onTouched } = props
  return (
    <>
      <TextField
        {...props}
        name="command"
        label={text.command}
        help={text.commandHelp}
        mono
        placeholder="npm run dev"
      />
      <TextField {...props} name="cwd" label={text.cwd} help={text.cwdHelp} mono placeholder="~/projects/shop" />
      <div className="field">
        <span className="label">{text.start}</span>
        <fieldset className="segments" aria-label={text.start}>
          {STARTS.map((start) => (
            <button
              key={start}
              type="button"
              aria-pressed={(draft.start === '' ? 'boot' : draft.start) === start}
              onClick={() => onChange({ start: start === 'boot' ? '' : start })}
            >
              {text.starts[start]}
            </button>
          ))}
        </fieldset>
      </div>
      <div className="field-pair">
        <TextField {...props} name="port" label={text.port} help={text.portHelp} placeholder="auto" />
        <TextField {...props} name="idleStop" label={text.idleStop} help={text.idleStopHelp} placeholder="30m" />
      </div>
      <DependsOn {...props} />
      <EnvFields
        env={draft.env}
        problems={problemsAt(props.problems, 'env')}
        onChange={(env) => {
          onChange({ env })
          onTouched('process.env')
        }}
      />
      <details className="more" open={draft.readyWhen !== '' || draft.stopSignal !== '' || undefined}>
        <summary>{text.more}</summary>
        <div className="content">
          <TextField {...props} name="readyWhen" label={text.readyWhen} help={text.readyWhenHelp} mono />
          <StopSignal draft={draft} onChange={onChange} />
        </div>
      </details>
      {problemsAt(props.problems, ...Object.keys(draft.rest)).map((message) => (
        <p key={message} className="problem">
          {message}
        </p>
      ))}
    </>
  )
}

function DependsOn(props: ProcessFieldsProps) {
  const apps = useStatus().data?.apps ?? []
  const names = apps.map(({ name }) => name)
  const shown = names.length > 8 ? [...names.slice(0, 8), '…'] : names
  return (
    <TextField {...props} name="dependsOn" label={text.dependsOn} help={text.dependsOnHelp(shown.join(', '))} mono />
  )
}

function StopSignal({ draft, onChange }: Pick<ProcessFieldsProps, 'draft' | 'onChange'>) {
  return (
    <Field label={text.stopSignal} problems={[]}>
      {(props) => (
        <select
          {...props}
          className="select"
          value={draft.stopSignal}
          onChange={(event) => onChange({ stopSignal: event.target.value })}
        >
          <option value="">{text.stopSignalDefault(DEFAULT_SIGNAL ?? '')}</option>
          {SIGNALS.slice(1).map((signal) => (
            <option key={signal} value={signal}>
              {signal}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

function TextField({ name, label, help, mono = false, placeholder, ...form }: TextFieldProps) {
  const { draft, first, problems, onChange, onTouched } = form
  return (
    <Field label={label} help={help} problems={problemsAt(problems, name)}>
      {(props) => (
        <input
          {...props}
          className={mono ? 'input mono' : 'input'}
          data-first={first === name || undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={draft[name]}
          onChange={(event) => {
            onChange({ [name]: event.target.value })
            if (name !== 'command' || draft.command !== '') onTouched(`process.${name}`)
          }}
        />
      )}
    </Field>
  )
}

/** @param keys of the process, whose problems are meant, and those of what is inside */
function problemsAt(problems: readonly Problem[], ...keys: string[]): string[] {
  return problems
    .filter(({ path }) => keys.some((key) => path.split(/[.[]/, 2).join('.') === `process.${key}`))
    .map(({ message }) => message)
}

interface ProcessFieldsProps {
  draft: ProcessDraft
  first: FirstField
  problems: Problem[]
  onChange(change: Partial<ProcessDraft>): void
  onTouched(field: string): void
}

interface TextFieldProps extends ProcessFieldsProps {
  name: 'command' | 'cwd' | 'port' | 'idleStop' | 'dependsOn' | 'readyWhen'
  label: string
  help: string
  mono?: boolean
  placeholder?: string
}
