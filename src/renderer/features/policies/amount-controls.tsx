import { useMemo } from 'react'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { lookOf, usualUnitOf } from './form-looks.js'
import { type ControlProps, helpOf, labelOf, otherwiseOf, useProblems, useTyped } from './form-tools.js'
import {
  type Amount,
  BYTE_UNITS,
  bytesTyping,
  durationTyping,
  numberTyping,
  percentTyping,
  RATE_UNITS,
  rateTyping,
  TIME_UNITS,
  type Typing,
} from './typed-values.js'

const text = strings.policies

/** A number; a share of something is a percentage. */
export function NumberControl({ field, at, value, onChange }: ControlProps) {
  const percent = lookOf(field) === 'percent'
  const [typed, setTyped] = useTyped(percent ? percentTyping : numberTyping, value, onChange)
  return (
    <Field label={labelOf(field)} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <div className="amount">
          <input
            {...props}
            className="input"
            inputMode="decimal"
            autoComplete="off"
            placeholder={otherwiseOf(field)}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          {percent && <span className="soft">{text.percent}</span>}
        </div>
      )}
    </Field>
  )
}

/** A time with its unit. */
export function DurationControl(props: ControlProps) {
  const typing = useMemo(() => durationTyping(props.field.required), [props.field.required])
  return <AmountControl {...props} typing={typing} units={TIME_UNITS.map((unit) => [unit, text.timeUnits[unit]])} />
}

/** So many requests in a time. */
export function RateControl(props: ControlProps) {
  const typing = useMemo(() => rateTyping(props.field.required), [props.field.required])
  return <AmountControl {...props} typing={typing} units={RATE_UNITS.map((unit) => [unit, text.rateUnits[unit]])} />
}

/** A number of bytes with its unit. */
export function BytesControl(props: ControlProps) {
  const perSecond = lookOf(props.field) === 'bytes-per-second'
  const usual = usualUnitOf(props.field)
  const typing = useMemo(() => bytesTyping(usual), [usual])
  const units = Object.keys(BYTE_UNITS).map((unit) => [unit, perSecond ? `${unit} ${text.perSecond}` : unit] as const)
  return <AmountControl {...props} typing={typing} units={units} />
}

function AmountControl({ field, at, value, onChange, typing, units }: AmountControlProps) {
  const [typed, setTyped] = useTyped(typing, value, onChange)
  const label = labelOf(field)
  return (
    <Field label={label} help={helpOf(field)} problems={useProblems(at)}>
      {(props) => (
        <div className="amount">
          <input
            {...props}
            className="input"
            inputMode="decimal"
            autoComplete="off"
            placeholder={otherwiseOf(field)}
            value={typed.amount}
            onChange={(event) => setTyped({ ...typed, amount: event.target.value })}
          />
          <select
            className="select"
            aria-label={text.unit(label)}
            value={typed.unit}
            onChange={(event) => setTyped({ ...typed, unit: event.target.value })}
          >
            {units.map(([unit, name]) => (
              <option key={unit} value={unit}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
    </Field>
  )
}

interface AmountControlProps extends ControlProps {
  typing: Typing<Amount>
  /** each with its name */
  units: readonly (readonly [string, string])[]
}
