import { z } from 'zod'
import type { ExchangeEntry } from '../../shared/contract.js'

/** What the log is narrowed to; an empty string or 0 means everything. */
export const exchangeFilterSchema = z.object({
  app: z.string(),
  method: z.string(),
  /** first digit of the status; "0" for clients that left before one was sent */
  statusClass: z.string(),
  /** words that must all occur */
  text: z.string(),
  minMs: z.number().min(0),
  /** milliseconds since 1970 between which it has ended, the second one not included */
  from: z.number().min(0).catch(0),
  to: z.number().min(0).catch(0),
})

export type ExchangeFilter = z.output<typeof exchangeFilterSchema>

export const NO_FILTER: ExchangeFilter = { app: '', method: '', statusClass: '', text: '', minMs: 0, from: 0, to: 0 }

/** True when the filter narrows anything. */
export function isFiltering(filter: ExchangeFilter): boolean {
  return Object.entries(NO_FILTER).some(([key, value]) => filter[key as keyof ExchangeFilter] !== value)
}

/** The test that an entry must pass to be shown. */
export function exchangeMatcher(filter: ExchangeFilter): (entry: ExchangeEntry) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return (entry) =>
    (filter.app === '' || entry.app === filter.app) &&
    (filter.method === '' || entry.method === filter.method) &&
    (filter.statusClass === '' || String(Math.floor(entry.status / 100)) === filter.statusClass) &&
    entry.totalMs >= filter.minMs &&
    (filter.to === 0 || endedWithin(entry, filter.from, filter.to)) &&
    (words.length === 0 || hasAll(searchText(entry), words))
}

function endedWithin({ time, totalMs }: ExchangeEntry, from: number, to: number): boolean {
  const ended = Date.parse(time) + totalMs
  return ended >= from && ended < to
}

function searchText(entry: ExchangeEntry): string {
  const { method, status, host, path, backend, error, id, client, notes } = entry
  const did = notes === undefined ? '' : notes.map(({ policy, outcome }) => `${policy} ${outcome}`).join(' ')
  return `${method} ${status} ${host}${path} ${backend ?? ''} ${error ?? ''} ${id} ${client} ${did}`.toLowerCase()
}

function hasAll(text: string, words: string[]): boolean {
  return words.every((word) => text.includes(word))
}
