import type { ExchangeEntry } from '../../../shared/contract.js'
import { Mark } from '../../components/mark.js'
import { statusWord } from './note-words.js'

const LOOKS = {
  0: ['ring', 'warn'],
  1: ['arrow', 'info'],
  2: ['disc', 'good'],
  3: ['arrow', 'info'],
  4: ['triangle', 'warn'],
  5: ['square', 'bad'],
} as const

/** The status of an answer: its class by shape and colour, and the number. */
export function StatusCode({ entry }: { entry: ExchangeEntry }) {
  const { status, error } = entry
  const [shape, tone] = LOOKS[Math.floor(status / 100) as keyof typeof LOOKS] ?? LOOKS[5]
  return (
    <Mark shape={shape} tone={tone} title={error ?? undefined}>
      {statusWord(entry)}
    </Mark>
  )
}
