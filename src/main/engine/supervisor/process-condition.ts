/** Who wants a process started: a person, the config, a request, an app that depends on it, or the gateway after a crash. */
export type Starter = 'person' | 'config' | 'request' | 'dependent' | 'crash'
/** Why a process is stopped: it was never started, nobody used it, or somebody wanted it so. */
export type StopCause = 'unstarted' | 'idle' | 'person' | 'config'

/** What follows when the group of a process has ended. */
export type Sequel = { to: 'stopped'; why: StopCause } | { to: 'start'; by: Starter } | { to: 'crash'; reason: string }

export interface Counts {
  /** in a row */
  crashes: number
  /** starts after a crash since it was last started by a person or the config */
  restarts: number
}

export type ProcessCondition = Counts &
  (
    | { name: 'stopped'; why: StopCause }
    /** for the apps that it depends on */
    | { name: 'waiting'; by: Starter }
    /** detached: the process itself has ended and left others behind that work for it */
    | { name: 'starting'; spawned: boolean; detached: boolean }
    | { name: 'running'; detached: boolean }
    | { name: 'stopping'; sequel: Sequel }
    | { name: 'backing-off'; reason: string; wasReady: boolean }
    | { name: 'failed'; reason: string }
  )

export type ProcessEvent =
  | { type: 'start'; by: Starter }
  | { type: 'stop'; why: 'person' | 'config' }
  | { type: 'restart' }
  /** its settings, or a file that it is to be restarted for */
  | { type: 'changed' }
  | { type: 'idle' }
  | { type: 'dependencies-ready' }
  | { type: 'dependency-failed'; reason: string }
  | { type: 'spawned' }
  /** it cannot be started, and trying again would not help */
  | { type: 'refused'; reason: string }
  /** it could not be started this time */
  | { type: 'not-spawned'; reason: string }
  | { type: 'ready' }
  | { type: 'not-ready'; reason: string }
  /** hopeless: it would end the same way again */
  | { type: 'exited'; reason: string; detached: boolean; hopeless: boolean }
  | { type: 'stable' }
  /** the time it was given to end is over */
  | { type: 'kill-due' }
  /** its whole group has ended */
  | { type: 'gone' }
  | { type: 'back-off-over' }

/**
 * What is to be done. What was begun in a state (waiting, timers) ends with it, without an effect of its own; so it does
 * when the effect that began it comes again.
 */
export type ProcessEffect =
  /** ends in dependencies-ready or dependency-failed */
  | 'await-dependencies'
  /** ends in spawned, refused or not-spawned */
  | 'launch'
  /** ends in ready or not-ready */
  | 'await-ready'
  /** stable comes after a while */
  | 'await-stability'
  /** exited comes when what was left behind ends */
  | 'watch-remains'
  /** asks the group to end: gone comes when it has, kill-due when its time is over */
  | 'end'
  /** ends the group by force: gone comes when it has */
  | 'kill'
  /** ends what a crashed process left behind; the next launch waits for it */
  | 'end-remains'
  /** back-off-over comes after a while */
  | 'back-off'

export interface Step {
  state: ProcessCondition
  effects: readonly ProcessEffect[]
}

export const UNSTARTED: ProcessCondition = { name: 'stopped', why: 'unstarted', crashes: 0, restarts: 0 }
