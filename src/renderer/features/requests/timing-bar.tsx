import type { ExchangeEntry } from '../../../shared/contract.js'
import { formatMs } from '../../format.js'
import { strings } from '../../strings.js'

const text = strings.exchange

/** Where the time went: until the backend was connected, until its first byte, until the last byte had left. */
export function TimingBar({ entry }: { entry: ExchangeEntry }) {
  const phases = phasesOf(entry)
  return (
    <>
      <div className="timing" aria-hidden="true">
        {phases.map(({ name, ms }) => (
          <i key={name} className={name} style={{ flexGrow: ms * 1_000, flexBasis: 0 }} />
        ))}
      </div>
      <dl className="facts">
        {phases.flatMap(({ name, ms }) => [
          <dt key={name}>
            <i className={`swatch ${name}`} />
            {text[name]}
          </dt>,
          <dd key={`${name}-ms`}>{formatMs(ms)}</dd>,
        ])}
        <dt>{text.total}</dt>
        <dd>{formatMs(entry.totalMs)}</dd>
      </dl>
    </>
  )
}

interface Phase {
  name: 'connect' | 'wait' | 'receive'
  ms: number
}

/** The phases that there were; a connection in reuse takes no time to connect. */
export function phasesOf({ connectMs, firstByteMs, totalMs }: ExchangeEntry): Phase[] {
  const connected = connectMs ?? 0
  const answered = firstByteMs ?? totalMs
  const phases: Phase[] = [
    { name: 'connect', ms: connected },
    { name: 'wait', ms: Math.max(0, answered - connected) },
    { name: 'receive', ms: Math.max(0, totalMs - answered) },
  ]
  return phases.filter(({ name }) =>
    name === 'connect' ? connectMs !== null : name === 'wait' || firstByteMs !== null,
  )
}
