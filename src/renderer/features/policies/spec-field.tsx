import { formatPath } from '../../../shared/problems.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { BytesControl, DurationControl, NumberControl, RateControl } from './amount-controls.js'
import { AppControl, ChoiceControl, SwitchControl, ValueOptions } from './choice-controls.js'
import { beginningOf, isSwitched, type Look, lookOf } from './form-looks.js'
import type { FieldSpec, FormField } from './form-spec.js'
import { type ControlProps, helpOf, labelOf, useProblems } from './form-tools.js'
import { ItemList } from './item-list.js'
import { MapControl } from './map-control.js'
import { fitsLook, fitsSpec, withKey } from './spec-values.js'
import { JsonControl, LongTextControl, SecretControl, TextControl, TextsControl } from './text-controls.js'
import { UsersControl } from './users-control.js'

const text = strings.policies

/** The control for a value. One that is of another kind than its schema says is shown as JSON. */
export function SpecField(props: ControlProps) {
  const { field, at, value } = props
  const Control = fitsSpec(field.spec, value) ? controlFor(field, value) : JsonControl
  return (
    <div className="spec-field" data-path={formatPath(at)}>
      <Control {...props} />
    </div>
  )
}

/** The fields of an object, each under its key. */
export function SpecFields({ fields, at, value, onChange }: SpecFieldsProps) {
  const record = (value ?? {}) as Record<string, unknown>
  return fields.map((field) => (
    <SpecField
      key={field.key}
      field={field}
      at={[...at, field.key]}
      value={record[field.key]}
      onChange={(next) => onChange(withKey(record, field.key, next))}
    />
  ))
}

interface SpecFieldsProps {
  fields: readonly FormField[]
  at: ControlProps['at']
  value: unknown
  onChange(value: Record<string, unknown>): void
}

/** An object inside of another: with a switch where it is there or not, else it goes when all in it is gone. */
function GroupControl({ field, at, value, onChange }: ControlProps) {
  const problems = useProblems(at, false)
  const switched = isSwitched(field)
  const fields = field.spec.kind === 'group' ? field.spec.fields : []
  return (
    <fieldset className="group" aria-label={labelOf(field)}>
      {switched ? (
        <label className="mark">
          <input
            type="checkbox"
            checked={value !== undefined}
            onChange={({ target }) => onChange(target.checked ? beginningOf(field.path) : undefined)}
          />
          <strong>{labelOf(field)}</strong>
          <span className="faint">{helpOf(field)}</span>
        </label>
      ) : (
        <>
          <strong>{labelOf(field)}</strong>
          <span className="faint">{helpOf(field)}</span>
        </>
      )}
      {problems.length > 0 && <div className="problem">{problems.join('; ')}</div>}
      {(value !== undefined || !switched) && (
        <div className="inside">
          <SpecFields
            fields={fields}
            at={at}
            value={value}
            onChange={(next) => onChange(!switched && Object.keys(next).length === 0 ? undefined : next)}
          />
        </div>
      )}
    </fieldset>
  )
}

/** One of some values, or something that has a control of its own. */
function EitherControl({ field, at, value, onChange }: ControlProps) {
  const { values, others } = field.spec.kind === 'either' ? field.spec : { values: [], others: [] }
  const isValue = value === undefined || values.some((one) => one === value)
  const other = isValue ? -1 : others.findIndex((spec) => fitsSpec(spec, value))
  const chosen = others[other]
  const problems = useProblems(at, false)
  const choose = (choice: string) => {
    const at = others.findIndex((_, index) => choice === `other ${index}`)
    if (at === -1) onChange(choice === '' ? undefined : JSON.parse(choice))
    else onChange(others[at]?.kind === 'text' ? textOr(beginningOf(field.path)) : beginningOf(field.path))
  }
  return (
    <>
      <Field label={labelOf(field)} help={helpOf(field)} problems={chosen?.kind === 'text' ? [] : problems}>
        {(control) => (
          <select
            {...control}
            className="select"
            value={chosen === undefined ? (JSON.stringify(value) ?? '') : `other ${other}`}
            onChange={({ target }) => choose(target.value)}
          >
            <ValueOptions field={field} values={values} value={value} />
            {numbered(others).map(({ item, number }) => (
              <option key={number} value={`other ${number - 1}`}>
                {text.customs[field.path] ?? (item.kind === 'text' ? text.custom.text : text.custom.other)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {chosen !== undefined && <ChosenOther at={at} value={value} onChange={onChange} spec={chosen} />}
    </>
  )
}

/** What an alternative is set to, below the choice. */
function ChosenOther({ at, value, onChange, spec }: Omit<ControlProps, 'field'> & { spec: FieldSpec }) {
  if (spec.kind === 'group')
    return (
      <div className="inside">
        <SpecFields fields={spec.fields} at={at} value={value} onChange={onChange} />
      </div>
    )
  // Its label and help are those of the choice above.
  const inner: FormField = { key: 'value', path: '', required: true, spec }
  const Control = BY_KIND[spec.kind]
  return (
    <div className="inside">
      <Control field={inner} at={at} value={value} onChange={onChange} />
    </div>
  )
}

/** A list of objects, in their order. */
function ItemsControl({ field, at, value, onChange }: ControlProps) {
  const items: unknown[] = Array.isArray(value) ? value : []
  const fields = field.spec.kind === 'items' ? field.spec.fields : []
  const change = (next: unknown[]) => onChange(next.length === 0 && !field.required ? undefined : next)
  return (
    <ItemList
      field={field}
      items={items}
      problems={useProblems(at, false)}
      onChange={change}
      render={(item, index) => (
        <SpecFields
          fields={fields}
          at={[...at, index]}
          value={item}
          onChange={(next) => change(items.with(index, next))}
        />
      )}
    />
  )
}

type Control = (props: ControlProps) => React.ReactNode

const BY_KIND: Readonly<Record<FieldSpec['kind'], Control>> = {
  text: TextControl,
  duration: DurationControl,
  number: NumberControl,
  switch: SwitchControl,
  choice: ChoiceControl,
  texts: TextsControl,
  map: MapControl,
  group: GroupControl,
  items: ItemsControl,
  either: EitherControl,
  json: JsonControl,
}

const BY_LOOK: Readonly<Partial<Record<Look, Control>>> = {
  rate: RateControl,
  bytes: BytesControl,
  'bytes-per-second': BytesControl,
  'long-text': LongTextControl,
  secret: SecretControl,
  users: UsersControl,
  app: AppControl,
}

function controlFor(field: FormField, value: unknown): Control {
  const look = lookOf(field)
  return (look !== null && fitsLook(look, value) ? BY_LOOK[look] : undefined) ?? BY_KIND[field.spec.kind]
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
