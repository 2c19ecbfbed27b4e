import { z } from 'zod'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

export type Duration = `${number}${keyof typeof UNIT_MS}`

/** A duration as people write it: a number and a unit, `"200ms" | "5s" | "10m" | "12h" | "90d"`. */
export const durationSchema = z
  .string()
  .regex(DURATION, 'must be a duration such as "200ms", "5s" or "10m"')
  .meta({ examples: ['200ms', '5s', '10m'] })

/** Milliseconds of a duration that the schema has accepted; throws RangeError for anything else. */
export function durationMs(text: string): number {
  const match = DURATION.exec(text)
  if (match === null) throw new RangeError(`not a duration: ${text}`)
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]
}
