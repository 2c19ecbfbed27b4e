import { Fault, type FaultData } from '../../shared/fault.js'

/** How an engine's process came to its end. */
export interface EngineEnd {
  /** milliseconds that it served; null when it never did */
  servedMs: number | null
  exitCode: number
  /** why it could not start, by its own account; null when it gave none */
  refusal: FaultData | null
}

/** What the shell does about it. */
export interface RestartPlan {
  state: 'restarting' | 'failed'
  reason: FaultData
  delayMs: number
  /** ends in a row that count towards the next delay */
  streak: number
}

export const FIRST_DELAY_MS = 250
export const LONGEST_DELAY_MS = 10_000
/** Whoever served this long was well: its end begins a new row. */
export const SETTLED_MS = 30_000
/** So many ends in a row, and the person is told that it failed. */
export const FAILED_AFTER = 5

/**
 * What follows an end that nobody asked for. The engine is always tried again, at most ten seconds later: a port that
 * becomes free, a config that is corrected, heals by itself. A refusal is the engine's own word and is shown at once.
 *
 * @param streak ends in a row before this one
 */
export function planRestart(end: EngineEnd, streak: number): RestartPlan {
  const row = end.servedMs !== null && end.servedMs >= SETTLED_MS ? 1 : streak + 1
  if (end.refusal !== null) return { state: 'failed', reason: end.refusal, delayMs: LONGEST_DELAY_MS, streak: row }
  return {
    state: row >= FAILED_AFTER ? 'failed' : 'restarting',
    reason: crashReason(end).toJSON(),
    delayMs: Math.min(FIRST_DELAY_MS * 2 ** (row - 1), LONGEST_DELAY_MS),
    streak: row,
  }
}

function crashReason({ servedMs, exitCode }: EngineEnd): Fault {
  const when = servedMs === null ? ' before it could serve' : ''
  return new Fault(
    'not-running',
    `The gateway ended unexpectedly${when} (exit code ${exitCode}).`,
    'It is started again by itself; the engine log says more when this repeats.',
  )
}
