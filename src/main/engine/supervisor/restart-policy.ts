/** Crashes in a row after which a process is not started again. */
export const GIVE_UP_AFTER = 10
/** A process that has been ready for so long has not crashed at its start: the count begins anew. */
export const STABLE_MS = 60_000

const FIRST_MS = 1_000
const LAST_MS = 60_000
/** Apps that crashed together, as when their database went away, do not all start in the same moment. */
const JITTER = 0.25

/**
 * How long to wait before a process that crashed is started again: 1 s, doubled with each crash in a row, at most 60 s.
 *
 * @param crashes in a row, from 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function backOffMs(crashes: number, random: number): number {
  const base = Math.min(FIRST_MS * 2 ** (crashes - 1), LAST_MS / (1 + JITTER))
  return Math.round(base * (1 + JITTER * random))
}
