import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits until a condition holds, looking again every few milliseconds.
 *
 * @param what names the condition in the error; a function is asked only then
 * @param deadlineMs the longest to wait
 * @throws Error when it does not hold in time
 */
export async function until(
  condition: () => unknown,
  what: string | (() => string),
  deadlineMs = 5_000,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) {
      const name = typeof what === 'string' ? what : what()
      throw new Error(`within ${deadlineMs} ms this did not come true: ${name}`)
    }
    await delay(5)
  }
}

/** The outcome of a promise, or an error that says what was waited for. */
export async function within<T>(promise: Promise<T>, what: string, deadlineMs = 5_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`within ${deadlineMs} ms this did not come: ${what}`)), deadlineMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
