import type { Span } from './ansi.js'
import type { OutputRow } from './output-buffer.js'

/** Indexes of the rows that hold a text, whatever its case; none for an empty text. */
export function findRows(rows: readonly OutputRow[], query: string): number[] {
  const wanted = query.toLowerCase()
  const found: number[] = []
  if (wanted === '') return found
  for (let at = 0; at < rows.length; at++) {
    if (rows[at]!.plain.toLowerCase().includes(wanted)) found.push(at)
  }
  return found
}

/**
 * Where next and previous lead: the match after, or before, the one that is looked at; round at the ends.
 *
 * @param found indexes of rows, ascending
 * @param at index of the row that is looked at; null for none: then the newest match is the first
 * @returns a place in `found`; null when there is none
 */
export function stepMatch(found: readonly number[], at: number | null, step: 1 | -1): number | null {
  if (found.length === 0) return null
  if (at === null) return found.length - 1
  if (step === 1) {
    const next = found.findIndex((row) => row > at)
    return next === -1 ? 0 : next
  }
  const previous = found.findLastIndex((row) => row < at)
  return previous === -1 ? found.length - 1 : previous
}

export interface MarkedSpan extends Span {
  /** it is a part of what is searched for */
  hit: boolean
}

/** The pieces of a line, cut where what is searched for begins and ends. */
export function markSpans(spans: readonly Span[], query: string): MarkedSpan[] {
  const wanted = query.toLowerCase()
  const edges = wanted === '' ? [] : hits(spans.map(({ text }) => text.toLowerCase()).join(''), wanted)
  if (edges.length === 0) return spans.map((span) => ({ ...span, hit: false }))
  const marked: MarkedSpan[] = []
  let start = 0
  for (const span of spans) {
    const end = start + span.text.length
    let from = start
    for (const [begin, stop] of edges) {
      if (stop <= from || begin >= end) continue
      if (begin > from) marked.push({ ...span, text: span.text.slice(from - start, begin - start), hit: false })
      const to = Math.min(stop, end)
      marked.push({ ...span, text: span.text.slice(Math.max(begin, from) - start, to - start), hit: true })
      from = to
    }
    if (from < end) marked.push({ ...span, text: span.text.slice(from - start), hit: false })
    start = end
  }
  return marked
}

function hits(text: string, wanted: string): [begin: number, end: number][] {
  const found: [number, number][] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    found.push([at, at + wanted.length])
  }
  return found
}
