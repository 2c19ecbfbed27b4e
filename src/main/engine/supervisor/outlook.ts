import type { ProcessCondition } from './process-condition.js'

/** Who waits for a process to be ready. */
export type Waiter = 'person' | 'request' | 'dependent'

/**
 * Whether waiting leads anywhere. A person is told of the first crash; a request waits through one of a process that was
 * ready before, as long as it is not long; an app that depends on it waits until it is given up.
 *
 * @param restartMs until it is started again; null unless it is backing off
 * @param patienceMs the longest that a request waits for that
 */
export function outlook(
  condition: ProcessCondition,
  waiter: Waiter,
  restartMs: number | null,
  patienceMs: number,
): 'ready' | 'wait' | 'never' {
  switch (condition.name) {
    case 'running':
      return 'ready'
    case 'waiting':
    case 'starting':
      return 'wait'
    case 'stopping':
      return condition.sequel.to === 'stopped' ? 'never' : 'wait'
    case 'backing-off':
      if (waiter === 'dependent') return 'wait'
      if (waiter === 'person') return 'never'
      return condition.wasReady && (restartMs ?? 0) <= patienceMs ? 'wait' : 'never'
    case 'stopped':
    case 'failed':
      return 'never'
  }
}
