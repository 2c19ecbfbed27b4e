import type { OutputLog } from './output/output-log.js'
import { waitReady } from './readiness.js'
import type { ProcessSettings } from './settings.js'

/**
 * Waits until a process is ready, as long as its settings allow.
 *
 * @param signal ends the wait
 * @returns null when it is ready, otherwise in a sentence why not
 */
export async function readyInTime(
  settings: ProcessSettings,
  port: number,
  output: OutputLog,
  signal: AbortSignal,
): Promise<string | null> {
  const patience = new AbortController()
  const giveUp = () => patience.abort()
  const timer = setTimeout(giveUp, settings.startTimeoutMs).unref()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    await waitReady({ settings, port, output, signal: patience.signal })
    return null
  } catch (error) {
    const missing = error instanceof Error ? error.message : String(error)
    return `It was not ready within ${settings.startTimeoutMs / 1_000} s: ${missing}.`
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}
