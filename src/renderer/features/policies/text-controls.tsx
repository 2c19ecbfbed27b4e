import { useMemo } from 'react'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { suggestedFor } from './form-looks.js'
import { type ControlProps, helpOf, labelOf, otherwiseOf, useFormTools, useProblems, useTyped } from './form-tools.js'
import { jsonTyping, linesTyping, type Typing, textTyping } from './typed-values.js'

const text = strings.policies

/** A line of text. */
export function TextControl({ field, at, value, onChange }: ControlProps) {
  const [typed, setTyped] = useTyped(textTyping(field.required), value, onChange)
  return (
    <Field label={labelOf(field)} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <input
          {...props}
          className="input mono"
          autoComplete="off"
          spellCheck={false}
          placeholder={otherwiseOf(field)}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
    </Field>
  )
}

/** Text of several lines. */
export function LongTextControl(props: ControlProps) {
  return <AreaControl {...props} label={labelOf(props.field)} rows={3} typing={textTyping(props.field.required)} />
}

/** A secret: what the config has of it is never shown. */
export function SecretControl({ field, at, value, onChange }: ControlProps) {
  const { vault, hide } = useFormTools()
  const hidden = vault.get(String(value))
  const typed = hidden?.isNew === true ? hidden.text : hidden === undefined ? String(value ?? '') : ''
  const change = (next: string) => onChange(next === '' && !field.required ? undefined : hide(next, false, value))
  return (
    <Field label={labelOf(field)} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <input
          {...props}
          className="input mono"
          type="password"
          autoComplete="new-password"
          placeholder={hidden?.isNew === false ? text.secretKept : undefined}
          value={typed}
          onChange={(event) => change(event.target.value)}
        />
      )}
    </Field>
  )
}

/** A list of text: a line each, and buttons for those that are likely. A list of a few words is buttons alone. */
export function TextsControl({ field, at, value, onChange }: ControlProps) {
  const { options = [], orOne = false, regexes = false } = field.spec.kind === 'texts' ? field.spec : {}
  const typing = useMemo(
    () => linesTyping({ required: field.required, orOne, regexes }),
    [field.required, orOne, regexes],
  )
  const [typed, setTyped] = useTyped(typing, value, onChange)
  const problems = useProblems(at)
  const lines = typed.split('\n').filter((line) => line.trim() !== '')
  const offered = options.length > 0 ? options : suggestedFor(field)
  const toggle = (item: string) =>
    setTyped((lines.includes(item) ? lines.filter((line) => line !== item) : [...lines, item]).join('\n'))
  const picks = offered.length > 0 && <Picks label={labelOf(field)} offered={offered} lines={lines} onToggle={toggle} />
  if (options.length > 0) return <PicksOnly field={field} problems={problems} picks={picks} />
  return (
    <Field label={labelOf(field)} help={helpOfList(helpOf(field), regexes)} problems={problems}>
      {(props) => (
        <>
          <textarea
            {...props}
            className="textarea"
            rows={Math.min(
              6,
              Math.max(1, lines.length + (lines.length > 0 ? 1 : (otherwiseOf(field)?.split('\n').length ?? 1))),
            )}
            spellCheck={false}
            placeholder={otherwiseOf(field)}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          {picks}
        </>
      )}
    </Field>
  )
}

/** Any value, as JSON. */
export function JsonControl(props: ControlProps) {
  return <AreaControl {...props} label={`${labelOf(props.field)} (JSON)`} rows={4} typing={jsonTyping} />
}

function AreaControl({ field, at, value, onChange, label, rows, typing }: AreaControlProps) {
  const [typed, setTyped] = useTyped(typing, value, onChange)
  return (
    <Field label={label} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <textarea
          {...props}
          className="textarea"
          rows={rows}
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      )}
    </Field>
  )
}

type AreaControlProps = ControlProps & { label: string; rows: number; typing: Typing<string> }

function PicksOnly({
  field,
  problems,
  picks,
}: {
  field: ControlProps['field']
  problems: string[]
  picks: React.ReactNode
}) {
  return (
    <div className="field">
      <span className="label">{labelOf(field)}</span>
      {picks}
      <div aria-live="polite" className={problems.length > 0 ? 'problem' : 'help'}>
        {problems.length > 0 ? problems.join('; ') : `${helpOf(field)} ${text.inOrder}`}
      </div>
    </div>
  )
}

/** Buttons that put a text into the list or take it out; the number is its place. */
function Picks({ label, offered, lines, onToggle }: PicksProps) {
  return (
    <fieldset className="picks" aria-label={text.picks(label)}>
      {offered.map((item) => (
        <button
          key={item}
          type="button"
          className="button small"
          aria-pressed={lines.includes(item)}
          onClick={() => onToggle(item)}
        >
          {item}
        </button>
      ))}
    </fieldset>
  )
}

interface PicksProps {
  label: string
  offered: readonly string[]
  lines: readonly string[]
  onToggle(item: string): void
}

function helpOfList(help: string | undefined, regexes: boolean): string {
  return `${help ?? ''} ${regexes ? text.regexLine : text.oneALine}`.trim()
}
