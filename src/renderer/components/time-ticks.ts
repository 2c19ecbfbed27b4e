/** Seconds between two ticks of a time axis, from the finest. */
const STEPS = [60, 120, 300, 600, 900, 1_200, 1_800, 3_600]
/** A tick has its label under it: such as "14:05". */
const LABEL_PX = 52

/**
 * The ticks of a time axis: full minutes, quarters or hours of the clock on the wall, as many as there is room for.
 *
 * @param from seconds since 1970, as are `to` and what is returned
 * @param width pixels between them
 * @param offset seconds that the clock on the wall is ahead of UTC
 */
export function timeTicks(from: number, to: number, width: number, offset: number): number[] {
  const most = Math.max(1, Math.floor(width / LABEL_PX))
  const step = STEPS.find((seconds) => (to - from) / seconds <= most) ?? (STEPS.at(-1) as number)
  const first = Math.ceil((from + offset) / step) * step - offset
  const count = Math.max(0, Math.floor((to - first) / step) + 1)
  return Array.from({ length: count }, (_, at) => first + at * step)
}

/** Seconds that the clock on the wall is ahead of UTC. @param time seconds since 1970 */
export function wallOffset(time: number): number {
  return new Date(time * 1_000).getTimezoneOffset() * -60
}
