import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { isOnUnlessTold, lookOf } from './form-looks.js'
import type { Plain } from './form-spec.js'
import { type ControlProps, helpOf, labelOf, otherwiseOf, useFormTools, useProblems } from './form-tools.js'

const text = strings.policies

/** Yes or no. What holds anyway is not written down. */
export function SwitchControl({ field, at, value, onChange }: ControlProps) {
  const problems = useProblems(at)
  if (lookOf(field) === 'by-preset') return <ChoiceControl field={field} at={at} value={value} onChange={onChange} />
  const anyway = isOnUnlessTold(field)
  return (
    <div className="field">
      <label className="mark">
        <input
          type="checkbox"
          checked={typeof value === 'boolean' ? value : anyway}
          onChange={({ target }) => onChange(target.checked === anyway ? undefined : target.checked)}
        />
        {labelOf(field)}
      </label>
      <div className={problems.length > 0 ? 'problem' : 'help'}>
        {problems.length > 0 ? problems.join('; ') : helpOf(field)}
      </div>
    </div>
  )
}

/** One of some values. */
export function ChoiceControl({ field, at, value, onChange }: ControlProps) {
  const values =
    field.spec.kind === 'choice' ? field.spec.options : field.spec.kind === 'either' ? field.spec.values : BOTH
  return (
    <Field label={labelOf(field)} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <select
          {...props}
          className="select"
          value={JSON.stringify(value) ?? ''}
          onChange={({ target }) => onChange(target.value === '' ? undefined : JSON.parse(target.value))}
        >
          <ValueOptions field={field} values={values} value={value} />
        </select>
      )}
    </Field>
  )
}

/** The name of an app. One that is not there stays. */
export function AppControl({ field, at, value, onChange }: ControlProps) {
  const { apps } = useFormTools()
  const name = typeof value === 'string' ? value : ''
  const names = name === '' || apps.includes(name) ? apps : [...apps, name]
  return (
    <Field label={labelOf(field)} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <select
          {...props}
          className="select"
          value={name}
          onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        >
          <option value="">{field.path === VARIANT ? text.noApp : text.chooseApp}</option>
          {names.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** The values of a choice, and what holds without one; where both are the same, the one that is chosen stands for it. */
export function ValueOptions({ field, values, value }: ValueOptionsProps) {
  const anyway = otherwiseOf(field) ?? text.notSet
  const isSame = (one: Plain) => valueName(field.path, one) === anyway
  return (
    <>
      {!field.required && !values.some((one) => isSame(one) && one === value) && <option value="">{anyway}</option>}
      {values
        .filter((one) => one === value || !isSame(one))
        .map((one) => (
          <option key={String(one)} value={JSON.stringify(one)}>
            {valueName(field.path, one)}
          </option>
        ))}
    </>
  )
}

interface ValueOptionsProps {
  field: ControlProps['field']
  values: readonly Plain[]
  value: unknown
}

/** The words for a value of a choice. */
function valueName(path: string, value: Plain): string {
  const named = text.values[path]?.[String(value)]
  if (named !== undefined || typeof value !== 'boolean') return named ?? String(value)
  return value ? text.yes : text.no
}

/** Without an app a variant leads where its route does. */
const VARIANT = 'rewrite.split.variants[].app'
const BOTH: readonly Plain[] = [true, false]
