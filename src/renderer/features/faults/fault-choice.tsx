import { durationMs } from '../../../shared/duration.js'
import { strings } from '../../strings.js'
import { bandwidthText, shareText, spreadText, timeText } from './describe-faults.js'
import type { FaultChoices, FaultKind } from './fault-settings.js'

const text = strings.faults
const TIMES = ['300ms', '2s', '5s', '15s']
const SPREADS = ['200ms', '1s', '3s']
const SHARES = [1, 0.5, 0.2, 0.05]
const STATUSES = [500, 502, 503, 504, 429]
const BANDWIDTHS = [5_000, 50_000, 250_000, 1_000_000]

/** How much of a fault there is, or would be. @param alone of a jitter: there is no delay that it would be around */
export function FaultChoice<K extends FaultKind>(props: FaultChoiceProps<K>) {
  const fields = FIELDS[props.kind] as (props: FaultChoiceProps<K>) => React.ReactNode
  return <span className="fault-choice">{fields(props)}</span>
}

const FIELDS: { [K in FaultKind]: (props: FaultChoiceProps<K>) => React.ReactNode } = {
  slow: ({ kind, choice, onChange }) => (
    <>
      <Pick
        label={labelOf(kind, text.time)}
        options={withOwn(TIMES, choice.time, durationMs)}
        value={choice.time}
        show={timeText}
        onPick={(time) => onChange({ ...choice, time })}
      />
      <SharePick kind={kind} choice={choice} onChange={onChange} />
    </>
  ),
  jittery: ({ kind, choice, alone, onChange }) => (
    <>
      <Pick
        label={labelOf(kind, text.spread)}
        options={withOwn(SPREADS, choice.spread, durationMs)}
        value={choice.spread}
        show={(spread) => spreadText(spread, alone)}
        onPick={(spread) => onChange({ ...choice, spread })}
      />
      <SharePick kind={kind} choice={choice} onChange={onChange} />
    </>
  ),
  errors: ({ kind, choice, onChange }) => (
    <>
      <Pick
        label={labelOf(kind, text.status)}
        options={withOwn(STATUSES, choice.status, (status) => status)}
        value={choice.status}
        show={String}
        onPick={(status) => onChange({ ...choice, status })}
      />
      <SharePick kind={kind} choice={choice} onChange={onChange} />
    </>
  ),
  drops: (props) => <SharePick {...props} />,
  narrow: ({ kind, choice, onChange }) => (
    <Pick
      label={labelOf(kind, text.bandwidth)}
      options={withOwn(BANDWIDTHS, choice.bandwidth, (bytes) => bytes)}
      value={choice.bandwidth}
      show={bandwidthText}
      onPick={(bandwidth) => onChange({ bandwidth })}
    />
  ),
}

function SharePick<C extends { share: number }>({ kind, choice, onChange }: SharePickProps<C>) {
  return (
    <Pick
      label={labelOf(kind, text.share)}
      options={withOwn(SHARES, choice.share, (share) => -share)}
      value={choice.share}
      show={shareText}
      onPick={(share) => onChange({ ...choice, share })}
    />
  )
}

/** One of a few values. */
function Pick<T extends string | number>({ label, options, value, show, onPick }: PickProps<T>) {
  return (
    <select
      className="select"
      aria-label={label}
      value={value}
      onChange={({ target }) => {
        const picked = options.find((option) => String(option) === target.value)
        if (picked !== undefined) onPick(picked)
      }}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {show(option)}
        </option>
      ))}
    </select>
  )
}

/** The usual values, and the one that is set where it is another; in order. */
function withOwn<T extends string | number>(usual: readonly T[], own: T, size: (one: T) => number): T[] {
  return [...usual.filter((one) => size(one) !== size(own)), own].sort((a, b) => size(a) - size(b))
}

function labelOf(kind: FaultKind, what: string): string {
  return text.choice(text.kinds[kind], what)
}

interface FaultChoiceProps<K extends FaultKind> {
  kind: K
  choice: FaultChoices[K]
  alone: boolean
  onChange(choice: FaultChoices[K]): void
}

interface SharePickProps<C> {
  kind: FaultKind
  choice: C
  onChange(choice: C): void
}

interface PickProps<T> {
  label: string
  options: readonly T[]
  value: T
  show(option: T): string
  onPick(option: T): void
}
