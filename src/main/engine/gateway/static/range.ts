/** Both ends inclusive, counted in bytes from 0. */
export interface ByteRange {
  start: number
  end: number
}

export type RangeVerdict =
  | { kind: 'whole' }
  | { kind: 'partial'; ranges: [ByteRange, ...ByteRange[]] }
  | { kind: 'unsatisfiable' }

/** More than this many ranges are no download being resumed: the Range is ignored (RFC 9110 section 14.2). */
export const MAX_RANGES = 10

const MAX_FIELD_LENGTH = 1024

/**
 * Judges a Range field against a representation of `size` bytes (RFC 9110 section 14). A malformed field, another unit
 * or too many ranges mean `whole`: the field is ignored. Overlapping or touching ranges are merged, so that the parts
 * together never exceed the representation; others keep the order in which they were asked for.
 */
export function judgeRange(field: string, size: number): RangeVerdict {
  const set = field.length > MAX_FIELD_LENGTH ? null : /^\s*bytes=(.*)$/i.exec(field)
  if (!set) return { kind: 'whole' }
  const specs = set[1]!
    .split(',')
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '')
  if (specs.length === 0 || specs.length > MAX_RANGES) return { kind: 'whole' }
  const ranges: ByteRange[] = []
  for (const spec of specs) {
    const range = parseSpec(spec, size)
    if (range === 'malformed') return { kind: 'whole' }
    if (range === 'everything') return { kind: 'whole' }
    if (range !== 'beyond') ranges.push(range)
  }
  const [first, ...rest] = merged(ranges)
  return first === undefined ? { kind: 'unsatisfiable' } : { kind: 'partial', ranges: [first, ...rest] }
}

/** The Content-Range of one part, or of a 416 when there is no range. */
export function contentRange(range: ByteRange | null, size: number): string {
  return range === null ? `bytes */${size}` : `bytes ${range.start}-${range.end}/${size}`
}

/** `everything`: a suffix of an empty representation is satisfiable, yet has no Content-Range (RFC 9110 section 14.1.2). */
function parseSpec(spec: string, size: number): ByteRange | 'malformed' | 'beyond' | 'everything' {
  const parts = /^(\d*)-(\d*)$/.exec(spec)
  if (!parts || (parts[1] === '' && parts[2] === '')) return 'malformed'
  if (parts[1] === '') {
    const length = Number(parts[2])
    if (length === 0) return 'beyond'
    return size === 0 ? 'everything' : { start: Math.max(0, size - length), end: size - 1 }
  }
  const start = Number(parts[1])
  const end = parts[2] === '' ? Number.POSITIVE_INFINITY : Number(parts[2])
  if (end < start) return 'malformed'
  return start >= size ? 'beyond' : { start, end: Math.min(end, size - 1) }
}

function merged(ranges: ByteRange[]): ByteRange[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start)
  const result: ByteRange[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last !== undefined && range.start <= last.end + 1) last.end = Math.max(last.end, range.end)
    else result.push({ ...range })
  }
  return result.length === ranges.length ? ranges : result
}
