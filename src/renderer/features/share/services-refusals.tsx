import type { TunnelRefusal } from '../../../shared/tunnel-schemas.js'
import { formatCount, formatExact, formatRelative } from '../../format.js'
import { strings } from '../../strings.js'
import { useNow } from '../../use-now.js'
import { refusalReason } from './services-look.js'

const text = strings.services

/** What users asked for of late and did not reach, and why. */
export function ServicesRefusals({ refusals }: { refusals: readonly TunnelRefusal[] }) {
  const now = useNow(refusals.length > 0)
  const targets = new Set(refusals.map(({ target }) => target))
  if (targets.size === 0) return null
  return (
    <details className="refusals">
      <summary>{text.refusals(targets.size)}</summary>
      <ul>
        {refusals.map((refusal) => (
          <li key={`${refusal.target} ${refusal.reason}`}>
            <code>{refusal.target}</code>
            <span>{refusalReason(refusal)}</span>
            <span className="soft" title={formatExact(refusal.time)}>
              {refusal.count > 1 && `${text.times(formatCount(refusal.count))}, `}
              {text.latest(formatRelative(refusal.time, now))}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}
