import { useMemo, useState } from 'react'
import type { OutputRow } from './output-buffer.js'
import { findRows, stepMatch } from './output-search.js'

export interface Search {
  query: string
  setQuery(query: string): void
  /** how many rows hold it */
  count: number
  /** the match that is looked at, from 1; 0 for none */
  place: number
  /** its row, to be brought into sight; null for none */
  selected: { key: string; at: number } | null
  /** Goes to the next or the previous match. */
  step(direction: 1 | -1): void
}

/** Looks for a text in rows that come and go; the match that is looked at stays the same line. */
export function useSearch(rows: readonly OutputRow[], version: number): Search {
  const [query, setQuery] = useState('')
  const [seq, setSeq] = useState<number | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows are the same array with more in it at each version
  const found = useMemo(() => findRows(rows, query), [rows, version, query])
  const at = seq === null ? -1 : rows.findIndex(({ line }) => line.seq === seq)
  return {
    query,
    setQuery: (next) => {
      setQuery(next)
      const last = findRows(rows, next).at(-1)
      setSeq(last === undefined ? null : rows[last]!.line.seq)
    },
    count: found.length,
    place: found.indexOf(at) + 1,
    selected: at === -1 ? null : { key: String(seq), at },
    step: (direction) => {
      const place = stepMatch(found, at === -1 ? null : at, direction)
      if (place !== null) setSeq(rows[found[place]!]!.line.seq)
    },
  }
}
