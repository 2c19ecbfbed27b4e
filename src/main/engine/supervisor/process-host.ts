import type { Logger } from 'pino'
import type { OutputLine } from '../../../shared/window-schemas.js'
import type { Spawner, SpawnPlan } from './app-child.js'
import type { Ledger } from './ledger.js'
import type { PortHolder } from './port-taken.js'
import type { Starter } from './process-condition.js'
import type { ProcessSystem } from './process-system.js'
import type { ProcessSettings } from './settings.js'

/** How one run of an app is started, with what its output should say of it. */
export interface LaunchPlan extends SpawnPlan {
  /** that it will listen on: the one it was given, unless its command names another one */
  port: number
  notes: readonly string[]
}

/** What the process of one app needs of all else. */
export interface ProcessHost {
  readonly system: ProcessSystem
  readonly ledger: Ledger
  readonly log: Logger
  /** what an earlier gateway left behind has ended */
  readonly recovered: Promise<void>
  readonly timing: Timing
  holderOf(port: number): Promise<PortHolder | null>
  spawner(): Promise<Spawner>
  /** @throws Error when it cannot be started so, such as for want of a file */
  plan(settings: ProcessSettings, port: number): Promise<LaunchPlan>
  /** A port that nobody has. @param former the one it had before */
  lease(app: string, former: number | null): Promise<number>
  /**
   * Starts the apps that this one depends on, and waits for them one after the other.
   *
   * @throws Error that says which of them failed, as a sentence
   */
  awaitDependencies(settings: ProcessSettings, wait: DependencyWait): Promise<void>
  /** something in its status has changed */
  changed(): void
  printed(app: string, lines: OutputLine[]): void
}

/** Of an app for those that it depends on. */
export interface DependencyWait {
  /** who wants the app started */
  by: Starter
  /** is told for which it waits now, and null in the end */
  onWait(app: string | null): void
  /** a line for its output */
  note(text: string): void
  signal: AbortSignal
}

/** Milliseconds. */
export interface Timing {
  /** @param crashes in a row */
  backOffMs(crashes: number): number
  stableMs: number
}
