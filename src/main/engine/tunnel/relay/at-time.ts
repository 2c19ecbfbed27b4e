/** setTimeout counts milliseconds in 31 bits. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Does something at a time that may be far away, and does not keep the process alive for it.
 *
 * @param time milliseconds since the epoch; null for never
 */
export function atTime(time: number | null, work: () => void): { cancel(): void } {
  if (time === null) return { cancel: () => {} }
  let timer: NodeJS.Timeout
  const look = () => {
    const left = time - Date.now()
    if (left <= 0) work()
    else timer = setTimeout(look, Math.min(left, LONGEST_MS)).unref()
  }
  timer = setTimeout(look, Math.min(Math.max(time - Date.now(), 0), LONGEST_MS)).unref()
  return { cancel: () => clearTimeout(timer) }
}
