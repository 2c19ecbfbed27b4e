import type { ProcessState, ProcessStatus } from '../../shared/window-schemas.js'
import { plain } from './escape.js'
import { formatBytes } from './format-entry.js'
import { formatUptime } from './format-status.js'
import { formatState } from './process-state.js'
import { formatTable } from './table.js'

const HEAD = ['APP', 'STATE', 'PID', 'PORT', 'RESTARTS', 'UPTIME', 'CPU', 'MEMORY', 'WHY']

/** The processes as a table. @param now milliseconds since the epoch */
export function formatProcesses(processes: readonly ProcessStatus[], now: number): string[] {
  if (processes.length === 0) return ['No app has a process. Add one: portico app add NAME -- COMMAND']
  return formatTable(
    HEAD,
    processes.map((one) => [
      plain(one.app),
      formatState(one),
      one.pid === null ? '' : String(one.pid),
      one.port === null ? '' : String(one.port),
      one.restarts === 0 ? '' : String(one.restarts),
      isUp(one.state) && one.startedAt !== null ? formatUptime(Math.max(0, now - Date.parse(one.startedAt))) : '',
      one.cpu === null ? '' : `${one.cpu.toFixed(one.cpu < 10 ? 1 : 0)} %`,
      one.memory === null ? '' : formatBytes(one.memory),
      plain(whyOf(one, now)),
    ]),
  )
}

/** How a run ended: `exit code 1`, `SIGKILL`; null when it is not known. */
export function formatExit(exit: ProcessStatus['exit']): string | null {
  if (exit === null) return null
  if (exit.signal !== null) return exit.signal
  return exit.code === null ? null : `exit code ${exit.code}`
}

function isUp(state: ProcessState): boolean {
  return state === 'running' || state === 'starting' || state === 'stopping'
}

/** What is going on; how the latest run ended only where the state and its reason leave that open. */
function whyOf({ state, reason, exit, restarts, waitingFor, nextStartAt }: ProcessStatus, now: number): string {
  const ended = formatExit(exit)
  const crashedBefore = state === 'running' && restarts > 0 && ended !== null
  const parts = [
    reason?.replace(/\.$/, '') ?? null,
    waitingFor === null || reason?.includes(waitingFor) ? null : `waits for ${waitingFor}`,
    nextStartAt === null ? null : `starts again ${inTime(Date.parse(nextStartAt) - now)}`,
    reason === null && ended !== null && !isUp(state) ? ended : null,
    crashedBefore ? `before: ${ended}` : null,
  ]
  return parts.filter((part) => part !== null).join('; ')
}

/** `in 8 s`, `now` */
export function inTime(milliseconds: number): string {
  return milliseconds < 500 ? 'now' : `in ${formatUptime(Math.round(milliseconds / 1000) * 1000)}`
}
