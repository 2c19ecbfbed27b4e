import type { ExchangeEntry } from '../../../shared/contract.js'
import type { PolicyNote } from '../../../shared/window-schemas.js'
import { strings } from '../../strings.js'

/** What a row of the log says of the policies: one word, of what matters most. */
export interface RowMark {
  word: string
  tone: 'warn' | 'info'
}

/** From what matters most: whatever went wrong on purpose, was refused, or answered in the app's place. */
const TELLING: readonly (readonly [tone: RowMark['tone'], policy: string | null, outcome: string])[] = [
  ['warn', 'faults', 'aborted'],
  ['warn', 'faults', 'error'],
  ['warn', 'faults', 'delayed'],
  ['warn', 'faults', 'throttled'],
  ['warn', 'rateLimit', 'limited'],
  ['warn', null, 'refused'],
  ['warn', null, 'busy'],
  ['warn', null, 'unavailable'],
  ['warn', null, 'loop'],
  ['info', 'respond', 'answered'],
  ['info', 'cors', 'preflight'],
  ['info', 'oidc', 'sign-in'],
  ['info', 'cache', 'hit'],
  ['info', 'cache', 'stale'],
]

/** @param notes what policies did; undefined where they did nothing */
export function rowMark(notes: readonly PolicyNote[] | undefined): RowMark | null {
  if (notes === undefined) return null
  for (const [tone, policy, outcome] of TELLING) {
    const found = notes.some((note) => note.outcome === outcome && (policy === null || note.policy === policy))
    if (found) return { tone, word: wordOf(strings.requests.marks, policy ?? 'any', outcome) }
  }
  return null
}

/** The status of an answer; a word where none was sent. */
export function statusWord({ status, notes }: Pick<ExchangeEntry, 'status' | 'notes'>): string {
  if (status !== 0) return String(status)
  return wasReset(notes) ? strings.requests.reset : strings.requests.gone
}

/** The connection was broken on purpose, not left by the client. */
export function wasReset(notes: readonly PolicyNote[] | undefined): boolean {
  return notes?.some(({ policy, outcome }) => policy === 'faults' && outcome === 'aborted') ?? false
}

/** What one policy did, in a sentence. */
export function noteWords({ policy, outcome }: PolicyNote): string {
  if (policy === 'compression') return strings.exchange.compressed(outcome)
  return wordOf(strings.exchange.outcomes, policy, outcome)
}

/** @param policy its key in the config */
export function policyName(policy: string): string {
  const names: Readonly<Record<string, string>> = strings.policies.names
  return names[policy] ?? policy
}

/** An outcome that has no words of its own says enough by itself. */
function wordOf(
  words: Readonly<Record<string, Readonly<Record<string, string>>>>,
  policy: string,
  outcome: string,
): string {
  return words[policy]?.[outcome] ?? outcome
}
