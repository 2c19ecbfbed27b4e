import { X } from 'lucide-react'
import { useState } from 'react'
import type { AppCache, CachedAnswer } from '../../../shared/cache-schemas.js'
import { CutMiddle } from '../../components/cut-middle.js'
import { formatAge, formatBytes, formatExact } from '../../format.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { useNow } from '../../use-now.js'
import { answerNames } from './cache-words.js'

const text = strings.cache
const ORDERS = ['latest', 'largest'] as const

/** Stored answers, each with the button that purges it. @param at when they were asked for, in milliseconds since 1970 */
export function CachedAnswers({ cache, at, onPurge }: CachedAnswersProps) {
  const [order, setOrder] = useState<(typeof ORDERS)[number]>('latest')
  const answers = cache.answers?.[order] ?? []
  const names = answerNames(answers)
  const passed = useNow(true) - at
  return (
    <>
      <fieldset className="segments" aria-label={text.order}>
        {ORDERS.map((one) => (
          <button key={one} type="button" aria-pressed={order === one} onClick={() => setOrder(one)}>
            {text.orders[one]}
          </button>
        ))}
      </fieldset>
      <ul className="cached" aria-label={text.list[order]}>
        {numbered(answers).map(({ item: answer, number }) => (
          <li key={`${answer.url} ${number}`} title={titleOf(answer)}>
            <CutMiddle text={names[number - 1] ?? answer.url} tail={18} />
            <span className="number soft">{formatBytes(answer.bytes)}</span>
            <Freshness ms={answer.freshMs - passed} />
            <button
              type="button"
              className="icon-button"
              aria-label={text.purgeOne(names[number - 1] ?? answer.url)}
              title={text.purge}
              onClick={() => onPurge(answer.url)}
            >
              <X className="icon" />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

function Freshness({ ms }: { ms: number }) {
  if (ms <= 0) return <span className="chip warn">{text.stale}</span>
  return <span className="soft">{text.fresh(formatAge(ms))}</span>
}

function titleOf({ url, status, stored, memory, disk, vary }: CachedAnswer): string {
  const where = memory && disk ? text.where.both : disk ? text.where.disk : text.where.memory
  const told = text.details(url, status, formatExact(stored), where)
  return vary.length === 0 ? told : `${told}\n${text.vary(vary.join(', '))}`
}

interface CachedAnswersProps {
  cache: AppCache
  at: number
  onPurge(url: string): void
}
