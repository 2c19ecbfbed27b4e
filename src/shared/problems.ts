import { z } from 'zod'
import type { Problem } from './contract.js'
import { nearestKey } from './nearest-key.js'

type RawIssue = z.core.$ZodRawIssue
type Issue = z.core.$ZodIssue

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: Problem[] }

/**
 * Validates a value and words every violation for a person: where it is, what must stand there, what stands there.
 * A message that the schema brings itself is used as it is.
 */
export function checkAgainst<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(value, { error: explain })
  return result.success ? { ok: true, value: result.data } : { ok: false, problems: problemsOf(result.error.issues) }
}

/** `apps[2].routes[0].path`; a key that is no identifier stands in brackets and quotes. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const key = String(part)
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${text}[${quote(key)}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** One line: the path, if there is one, and the message. */
export function formatProblem(problem: Problem): string {
  return problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`
}

/** Any value in a message: its kind and, when it is short, itself. */
export function describeValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `the text ${quote(value)}`
  if (typeof value === 'number') return `the number ${value}`
  return String(value)
}

function problemsOf(issues: readonly Issue[], base: readonly PropertyKey[] = []): Problem[] {
  // An unknown key is most often a misspelt one, and then "must have exactly one of" beside it only misleads.
  const misspelt = new Set(issues.filter((issue) => issue.code === 'unrecognized_keys').map(placeOf))
  return issues
    .filter((issue) => issue.code !== 'custom' || !misspelt.has(placeOf(issue)))
    .flatMap((issue) => {
      const path = [...base, ...issue.path]
      const meant = issue.code === 'invalid_union' ? meantBranch(issue.errors) : undefined
      if (meant !== undefined) return problemsOf(meant, path)
      // An issue that stands for several keys holds one line for each.
      return issue.message.split('\n').map((message) => ({ path: formatPath(path), message }))
    })
}

function placeOf(issue: Issue): string {
  return formatPath(issue.path)
}

/** The one alternative of a union whose kind of value was given, so that what is wrong lies inside of it. */
function meantBranch(branches: readonly Issue[][]): Issue[] | undefined {
  const meant = branches.filter((issues) => issues.length > 0 && !issues.some(missesKind))
  return meant.length === 1 ? meant[0] : undefined
}

function missesKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

/** The words for what zod finds where the schema brings none of its own. */
function explain(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return instead(kindName(issue), issue.input)
    case 'invalid_value':
      return explainChoice(issue.values as readonly unknown[], issue.input)
    case 'unrecognized_keys':
      return (issue.keys as string[]).map((key) => explainKey(key, knownKeys(issue))).join('\n')
    case 'invalid_key':
      return (issue.issues as Issue[])[0]?.message ?? 'has a key that is not allowed'
    case 'too_small':
      return `must ${bound(issue.origin, issue.minimum, 'least')}`
    case 'too_big':
      return `must ${bound(issue.origin, issue.maximum, 'most')}`
    default:
      return 'is not valid'
  }
}

function instead(wanted: string, input: unknown): string {
  if (input === undefined) return `is missing: it must be ${wanted}`
  const remedy = wanted.startsWith('a list') && typeof input === 'string' ? `: write [${quote(input)}]` : ''
  return `must be ${wanted}, not ${describeValue(input)}${remedy}`
}

function kindName(issue: RawIssue): string {
  const expected = String(issue.expected)
  if (expected === 'int' || expected === 'number') return `a whole number${range(issue)}`
  const names: Record<string, string> = {
    string: 'text in quotes',
    boolean: 'true or false',
    array: 'a list',
    tuple: 'a list',
    object: 'an object',
    record: 'an object',
  }
  return names[expected] ?? expected
}

function range(issue: RawIssue): string {
  const schema = issue.schema ?? issue.inst
  if (!(schema instanceof z.ZodNumber)) return ''
  const from = limit(schema.minValue)
  const to = limit(schema.maxValue)
  if (from !== null && to !== null) return ` from ${from} to ${to}`
  return from === null ? '' : ` of at least ${from}`
}

/** zod gives every integer the range of safe ones, which tells a person nothing. */
function limit(value: number | null): number | null {
  return value !== null && Number.isFinite(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
}

function explainChoice(values: readonly unknown[], input: unknown): string {
  const written = values.map((value) => JSON.stringify(value))
  const wanted = written.length === 1 ? written[0]! : `${written.slice(0, -1).join(', ')} or ${written.at(-1)}`
  const texts = values.filter((value) => typeof value === 'string')
  const near = typeof input === 'string' ? nearestKey(input, texts) : null
  return near === null
    ? instead(wanted, input)
    : `must be ${wanted}, not ${quote(String(input))}: did you mean "${near}"?`
}

function knownKeys(issue: RawIssue): string[] {
  const def = (issue.inst as z.core.$ZodType | undefined)?._zod.def as { shape?: Record<string, unknown> } | undefined
  return Object.keys(def?.shape ?? {})
}

function explainKey(key: string, known: string[]): string {
  const near = nearestKey(key, known)
  return `unknown key ${quote(key)}${near === null ? `: known here are ${known.join(', ')}` : `: did you mean "${near}"?`}`
}

function bound(origin: unknown, limit: unknown, side: 'least' | 'most'): string {
  if (origin === 'array' || origin === 'tuple') return `have at ${side} ${limit} entries`
  return origin === 'string' ? `have at ${side} ${limit} characters` : `be at ${side} ${limit}`
}

/** Escapes control characters too, so that a config cannot paint the terminal that shows its errors. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
