import type { ProcessState, ProcessStatus } from '../../shared/window-schemas.js'
import type { Notice } from './backend-changes.js'

/**
 * What to tell a person who does not look at the window: processes that failed, and those that run again after that. A
 * crash that is followed by a new start is no news yet, and neither is what had failed when Portico began to look.
 */
export class ProcessNews {
  #states: ReadonlyMap<string, ProcessState> | null = null
  readonly #failed = new Set<string>()

  /** @param processes all of them, as they are now */
  look(processes: readonly ProcessStatus[]): Notice[] {
    const before = this.#states
    this.#states = new Map(processes.map(({ app, state }) => [app, state]))
    return processes.flatMap((process) => this.#newsOf(process, before?.get(process.app)))
  }

  #newsOf({ app, state, reason }: ProcessStatus, was: ProcessState | undefined): Notice[] {
    if (state === 'failed') {
      this.#failed.add(app)
      if (was === undefined || was === 'failed') return []
      return [{ title: `${app} has failed`, body: reason ?? 'Its process is not started again by itself.' }]
    }
    if (state === 'stopped') this.#failed.delete(app) // by a person's wish
    if (state !== 'running' || !this.#failed.delete(app)) return []
    return [{ title: `${app} runs again`, body: 'Its process is ready.' }]
  }
}

/** The apps whose process would end with Portico. */
export function endingWithPortico(processes: readonly ProcessStatus[]): string[] {
  return processes.filter(({ state }) => ALIVE.has(state)).map(({ app }) => app)
}

const ALIVE: ReadonlySet<ProcessState> = new Set(['starting', 'running', 'stopping', 'backing-off'])
