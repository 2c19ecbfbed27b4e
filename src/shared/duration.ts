import { z } from 'zod'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

export type Duration = `${number}${keyof typeof UNIT_MS}`

/** A longer timer fires at once: setTimeout counts milliseconds in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A duration as people write it: a number and a unit, `"200ms" | "5s" | "10m" | "12h" | "7d"`, at most 24 days. */
export const durationSchema = z
  .string()
  .regex(DURATION, 'must be a duration such as "200ms", "5s" or "10m"')
  .refine((text) => !DURATION.test(text) || durationMs(text) <= LONGEST_TIMER_MS, 'must be at most "24d"')
  .meta({ examples: ['200ms', '5s', '10m'] })

/** Milliseconds of a duration; throws RangeError for what is not one. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text)
  if (match === null) throw new RangeError(`not a duration: ${text}`)
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}

/** As `durationMs`; null for a duration that is left out. */
export function optionalDurationMs(text: string | undefined): number | null {
  return text === undefined ? null : durationMs(text)
}
