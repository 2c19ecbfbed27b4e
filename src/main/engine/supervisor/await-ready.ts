import { Fault } from '../../../shared/fault.js'
import type { AppProcess } from './app-process.js'
import { outlook, type Waiter } from './outlook.js'

const SHOWN_LINES = 10

/**
 * Waits until a process is ready, as long as there is hope.
 *
 * @param signal ends the wait; the process goes on starting
 * @throws Fault when it has failed or is not going to be started, with the last lines of its output; or the reason of the signal
 */
export function untilReady(process: AppProcess, waiter: Waiter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      unlisten()
      signal.removeEventListener('abort', onAbort)
      end()
    }
    const onAbort = () => settle(() => reject(signal.reason))
    const look = () => {
      const { condition, restartMs, settings } = process
      const verdict = outlook(condition, waiter, restartMs, settings.startTimeoutMs)
      if (verdict === 'ready') settle(resolve)
      else if (verdict === 'never') settle(() => reject(notReady(process)))
    }
    const unlisten = process.onChange(look)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    look()
  })
}

/** Why an app's process does not answer, and what can be done about it. */
export function notReady(process: AppProcess): Fault {
  const { app } = process.settings
  const { state, reason, exit, nextStartAt } = process.status(null)
  if (state === 'stopped' || state === 'stopping') {
    const because = reason === null ? '' : ` ${reason}`
    return new Fault('process-failed', `The process of ${app} is not running.${because}`, `portico app start ${app}`)
  }
  const lines = exit?.lastLines.slice(-SHOWN_LINES) ?? []
  const again = nextStartAt === null ? `portico app restart ${app}` : `It is started again at ${nextStartAt}.`
  const what = state === 'failed' ? 'has failed' : 'has crashed'
  return new Fault(
    'process-failed',
    `The process of ${app} ${what}. ${reason ?? ''}`.trim(),
    [...lines, again].join('\n'),
  )
}
