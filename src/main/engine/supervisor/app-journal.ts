import type { Logger } from 'pino'
import type { OutputLog } from './output/output-log.js'
import type { ProcessCondition } from './process-condition.js'

export interface Moment {
  app: string
  before: ProcessCondition
  now: ProcessCondition
  pid: number | null
  port: number | null
  /** until it is started again; null when it is not about to be */
  restartMs: number | null
}

/** Tells of a change of state: in the engine's log, and in the output of the app what its reader should know. */
export function writeDown(moment: Moment, log: Logger, output: OutputLog): void {
  const { app, before, now, pid, port } = moment
  const reason = 'reason' in now ? now.reason : undefined
  const level = now.name === 'failed' ? 'error' : now.name === 'backing-off' ? 'warn' : 'info'
  log[level]({ app, from: before.name, pid, port, reason }, now.name)
  const note = noteOf(moment)
  if (note !== null) output.note(note)
}

function noteOf({ now, restartMs }: Moment): string | null {
  switch (now.name) {
    case 'running':
      return 'ready'
    case 'stopped':
      return 'stopped'
    case 'failed':
      return now.reason
    case 'backing-off':
      return `${now.reason} It is started again in ${Math.round((restartMs ?? 0) / 1_000)} s.`
    default:
      return null
  }
}
