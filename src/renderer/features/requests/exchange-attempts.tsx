import type { ExchangeDetail } from '../../../shared/window-schemas.js'
import { Mark } from '../../components/mark.js'
import { formatMs } from '../../format.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'

const text = strings.exchange

/** Each time that a request was sent to a backend: where, when, for how long, and what came of it. */
export function ExchangeAttempts({ attempts }: Pick<ExchangeDetail, 'attempts'>) {
  return (
    <ol className="attempts" aria-label={text.attempts}>
      {numbered(attempts).map(({ item: { backend, error, startedMs, ms, status }, number }) => (
        <li key={number}>
          <span className="faint">{number}.</span>
          <Mark shape={looks(error, status)} tone={error === null ? 'good' : 'bad'}>
            {status ?? text.noAnswerOf}
          </Mark>
          <code>{backend}</code>
          <span className="soft attempt-when">{text.attempt(formatMs(startedMs), formatMs(ms))}</span>
          {error !== null && <span className="soft attempt-error">{error}</span>}
        </li>
      ))}
    </ol>
  )
}

function looks(error: string | null, status: number | null): 'disc' | 'triangle' | 'square' {
  if (error === null) return 'disc'
  return status === null ? 'square' : 'triangle'
}
