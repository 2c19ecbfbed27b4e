import type { ProcessState, ProcessStatus } from '../../shared/window-schemas.js'
import type { Notice } from './backend-changes.js'

/**
 * What to tell a person who does not look at the window: processes that went down, those that are given up, and those
 * that run again after that. Crashes while it is being started again and again are told once, and what had failed when
 * Portico began to look is no news.
 */
export class ProcessNews {
  #states: ReadonlyMap<string, ProcessState> | null = null
  readonly #down = new Set<string>()

  /** @param processes all of them, as they are now */
  look(processes: readonly ProcessStatus[]): Notice[] {
    const before = this.#states
    this.#states = new Map(processes.map(({ app, state }) => [app, state]))
    return processes.flatMap((process) => this.#newsOf(process, before?.get(process.app)))
  }

  #newsOf({ app, state, reason }: ProcessStatus, was: ProcessState | undefined): Notice[] {
    if (state === 'failed' || state === 'backing-off') this.#down.add(app)
    if (state === 'failed' && was !== undefined && was !== 'failed')
      return [{ title: `${app} has failed`, body: reason ?? 'Its process is not started again by itself.' }]
    if (state === 'backing-off' && was === 'running')
      return [{ title: `${app} has crashed`, body: reason ?? 'It is started again in a moment.' }]
    if (state === 'stopped') this.#down.delete(app) // by a person's wish
    if (state !== 'running' || !this.#down.delete(app)) return []
    return [{ title: `${app} runs again`, body: 'Its process is ready.' }]
  }
}

/** The apps whose process would end with Portico. */
export function endingWithPortico(processes: readonly ProcessStatus[]): string[] {
  return processes.filter(({ state }) => ALIVE.has(state)).map(({ app }) => app)
}

const ALIVE: ReadonlySet<ProcessState> = new Set(['starting', 'running', 'stopping', 'backing-off'])
