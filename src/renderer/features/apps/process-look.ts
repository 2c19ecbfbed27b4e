import type { ProcessStatus } from '../../../shared/window-schemas.js'
import type { Shape, Tone } from '../../components/mark.js'
import { formatRelative } from '../../format.js'
import { strings } from '../../strings.js'
import { secondsUntil } from '../../use-now.js'

const words = strings.processes.states

export interface ProcessLook {
  shape: Shape
  tone: Tone
  word: string
}

/**
 * How the state of a process is told.
 *
 * @param sick whether requests or health checks find it unhealthy
 * @param now milliseconds since 1970
 */
export function processLook(status: ProcessStatus, sick: boolean, now: number): ProcessLook {
  switch (status.state) {
    case 'stopped':
      return { shape: 'ring', tone: 'faint', word: words.stopped }
    case 'waiting':
      return { shape: 'half', tone: 'warn', word: words.waiting(status.waitingFor) }
    case 'starting':
      return { shape: 'half', tone: 'warn', word: words.starting }
    case 'running':
      if (sick) return { shape: 'triangle', tone: 'bad', word: words.unhealthy }
      return { shape: 'disc', tone: 'good', word: status.detached ? words.detached : words.running }
    case 'stopping':
      return { shape: 'half', tone: 'faint', word: words.stopping }
    case 'backing-off':
      return { shape: 'half', tone: 'warn', word: restartText(status.nextStartAt, now) }
    case 'failed':
      return { shape: 'square', tone: 'bad', word: words.failed }
  }
}

/** How the latest run of a process ended. @param now milliseconds since 1970 */
export function exitText(exit: NonNullable<ProcessStatus['exit']>, now: number): string {
  const when = formatRelative(exit.at, now)
  if (exit.signal !== null) return strings.processes.endedBy(exit.signal, when)
  return exit.code === null ? strings.processes.ended(when) : strings.processes.exitedWith(exit.code, when)
}

/** What can be done with a process. */
export function waysOf({ state }: ProcessStatus): { start: boolean; stop: boolean; restart: boolean } {
  const up = state === 'running' || state === 'starting' || state === 'waiting'
  return { start: !up && state !== 'stopping', stop: up || state === 'backing-off', restart: up }
}

function restartText(nextStartAt: string | null, now: number): string {
  const seconds = nextStartAt === null ? 0 : secondsUntil(nextStartAt, now)
  return seconds === 0 ? words.restarting : words.restartingIn(seconds)
}
