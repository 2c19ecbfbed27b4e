/** Timers stand still while a machine sleeps, and know nothing of a clock that is set: it is looked at as often as this. */
const LOOK_MS = 30_000

/**
 * Does something at a time that may be far away, and does not keep the process alive for it.
 *
 * @param time milliseconds since the epoch; null for never
 */
export function atTime(time: number | null, work: () => void): { cancel(): void } {
  if (time === null) return { cancel: () => {} }
  let timer: NodeJS.Timeout
  const wait = () => setTimeout(look, Math.min(Math.max(time - Date.now(), 0), LOOK_MS)).unref()
  const look = () => {
    if (Date.now() >= time) work()
    else timer = wait()
  }
  timer = wait()
  return { cancel: () => clearTimeout(timer) }
}
