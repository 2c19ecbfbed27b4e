import type { ProcessStatus } from '../../../shared/window-schemas.js'
import type { ProcessCondition } from './process-condition.js'
import { commandText, type ProcessSettings } from './settings.js'

/** What is known of a process besides its condition. */
export interface ProcessFacts {
  settings: ProcessSettings
  enabled: boolean
  condition: ProcessCondition
  pid: number | null
  port: number | null
  exit: ProcessStatus['exit']
  waitingFor: string | null
  startedAt: Date | null
  nextStartAt: Date | null
  usage: Usage | null
}

export interface Usage {
  /** percent of one core; null when it was looked at once only */
  cpu: number | null
  /** bytes */
  memory: number
}

export function processStatus(facts: ProcessFacts): ProcessStatus {
  const { settings, condition } = facts
  const alive = condition.name === 'starting' || condition.name === 'running' || condition.name === 'stopping'
  return {
    app: settings.app,
    state: condition.name,
    pid: facts.pid,
    port: alive ? (facts.port ?? settings.port) : settings.port,
    restarts: condition.restarts,
    exit: facts.exit,
    detached: 'detached' in condition && condition.detached,
    reason: reasonOf(facts),
    waitingFor: condition.name === 'waiting' ? facts.waitingFor : null,
    startedAt: facts.pid === null ? null : (facts.startedAt?.toISOString() ?? null),
    nextStartAt: facts.nextStartAt?.toISOString() ?? null,
    command: commandText(settings),
    cpu: facts.pid === null ? null : (facts.usage?.cpu ?? null),
    memory: facts.pid === null ? null : (facts.usage?.memory ?? null),
  }
}

function reasonOf({ condition, settings, enabled, waitingFor }: ProcessFacts): string | null {
  switch (condition.name) {
    case 'stopped':
      return enabled ? whyStopped(condition.why, settings.start) : 'The app is disabled.'
    case 'waiting':
      return waitingFor === null ? null : `It waits for ${waitingFor}.`
    case 'running':
      return condition.detached ? 'The process has ended and left others that go on in the background.' : null
    case 'stopping':
      return condition.sequel.to === 'crash' ? condition.sequel.reason : null
    case 'backing-off':
    case 'failed':
      return condition.reason
    case 'starting':
      return null
  }
}

function whyStopped(
  why: Extract<ProcessCondition, { name: 'stopped' }>['why'],
  start: ProcessSettings['start'],
): string | null {
  if (why === 'person') return 'It was stopped by hand.'
  if (why === 'idle') return 'Nobody used it; the next request starts it again.'
  if (why === 'unstarted' && start === 'request') return 'The first request starts it.'
  return null
}
