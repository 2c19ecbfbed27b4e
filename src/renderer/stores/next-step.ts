const STEP_MS = 10_000
/** The engine's clock has passed the step's end as well by then. */
const AFTER_MS = 300

/** Milliseconds until the step of the last hour that is under way has ended. @param now milliseconds since 1970 */
export function untilNextStep(now: number): number {
  return STEP_MS - (now % STEP_MS) + AFTER_MS
}
