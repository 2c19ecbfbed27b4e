import type {
  Counts,
  ProcessCondition,
  ProcessEffect,
  ProcessEvent,
  Sequel,
  Starter,
  Step,
} from './process-condition.js'
import { GIVE_UP_AFTER } from './restart-policy.js'

type In<N extends ProcessCondition['name']> = Extract<ProcessCondition, { name: N }>

/** The life of an app's process: what becomes of it, and what is to be done, when something happens. Pure. */
export function transition(state: ProcessCondition, event: ProcessEvent): Step {
  switch (state.name) {
    case 'stopped':
      return whenStopped(state, event)
    case 'waiting':
      return whenWaiting(state, event)
    case 'starting':
      return whenStarting(state, event)
    case 'running':
      return whenRunning(state, event)
    case 'stopping':
      return whenStopping(state, event)
    case 'backing-off':
      return whenBackingOff(state, event)
    case 'failed':
      return whenFailed(state, event)
  }
}

/** What a person has stopped is started again by a person alone. */
function whenStopped(state: In<'stopped'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'start':
      return event.by === 'person' || state.why !== 'person' ? begin(event.by) : same(state)
    case 'restart':
      return begin('person')
    case 'stop':
      return step({ ...state, why: event.why })
    default:
      return same(state)
  }
}

function whenWaiting(state: In<'waiting'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'start':
      return event.by === 'person' && state.by !== 'person' ? begin('person') : same(state)
    case 'restart':
      return begin('person')
    case 'changed':
      return begin('config')
    case 'stop':
      return stopping(state, { to: 'stopped', why: event.why })
    case 'dependencies-ready':
      return step({ ...counts(state), name: 'starting', spawned: false, detached: false }, 'launch')
    case 'dependency-failed':
      return failed(state, event.reason)
    default:
      return same(state)
  }
}

function whenStarting(state: In<'starting'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'restart':
      return stopping(state, { to: 'start', by: 'person' })
    case 'changed':
      return stopping(state, { to: 'start', by: 'config' })
    case 'stop':
      return stopping(state, { to: 'stopped', why: event.why })
    case 'spawned':
      return step({ ...state, spawned: true }, 'await-ready')
    case 'refused':
      return failed(state, event.reason)
    case 'not-spawned':
      return crashed(state, event.reason)
    case 'ready':
      return state.spawned ? running(state) : same(state)
    case 'not-ready':
      return stopping(state, { to: 'crash', reason: event.reason })
    case 'exited':
      return event.detached ? step({ ...state, detached: true }) : ended(state, event)
    default:
      return same(state)
  }
}

function whenRunning(state: In<'running'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'restart':
      return stopping(state, { to: 'start', by: 'person' })
    case 'changed':
      return stopping(state, { to: 'start', by: 'config' })
    case 'stop':
      return stopping(state, { to: 'stopped', why: event.why })
    case 'idle':
      return stopping(state, { to: 'stopped', why: 'idle' })
    case 'exited':
      return event.detached ? step({ ...state, detached: true }, 'watch-remains') : ended(state, event)
    case 'stable':
      return step({ ...state, crashes: 0 })
    default:
      return same(state)
  }
}

function whenStopping(state: In<'stopping'>, event: ProcessEvent): Step {
  const { sequel } = state
  switch (event.type) {
    case 'start': {
      const wanted = event.by === 'person' || (sequel.to === 'stopped' && sequel.why !== 'person')
      return wanted ? step({ ...state, sequel: { to: 'start', by: event.by } }) : same(state)
    }
    case 'restart':
      return step({ ...state, sequel: { to: 'start', by: 'person' } })
    case 'changed':
      return sequel.to === 'crash' ? step({ ...state, sequel: { to: 'start', by: 'config' } }) : same(state)
    case 'stop':
      return step({ ...state, sequel: { to: 'stopped', why: event.why } })
    case 'kill-due':
      return step(state, 'kill')
    case 'gone':
      return afterwards(state)
    default:
      return same(state)
  }
}

function whenBackingOff(state: In<'backing-off'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'start':
      return event.by === 'person' ? begin('person') : same(state)
    case 'restart':
      return begin('person')
    case 'changed':
      return begin('config')
    case 'stop':
      return stopping(state, { to: 'stopped', why: event.why })
    case 'back-off-over':
      return step(
        { name: 'waiting', by: 'crash', crashes: state.crashes, restarts: state.restarts + 1 },
        'await-dependencies',
      )
    default:
      return same(state)
  }
}

function whenFailed(state: In<'failed'>, event: ProcessEvent): Step {
  switch (event.type) {
    case 'start':
      return event.by === 'person' ? begin('person') : same(state)
    case 'restart':
      return begin('person')
    case 'changed':
      return begin('config')
    case 'stop':
      return stopping(state, { to: 'stopped', why: event.why })
    default:
      return same(state)
  }
}

function afterwards(state: In<'stopping'>): Step {
  const { sequel } = state
  if (sequel.to === 'start') return begin(sequel.by)
  if (sequel.to === 'crash') return crashed(state, sequel.reason)
  return step({ name: 'stopped', why: sequel.why, crashes: 0, restarts: state.restarts })
}

function begin(by: Starter): Step {
  return step({ name: 'waiting', by, crashes: 0, restarts: 0 }, 'await-dependencies')
}

function running(state: In<'starting'>): Step {
  const next: ProcessCondition = { ...counts(state), name: 'running', detached: state.detached }
  return state.detached ? step(next, 'await-stability', 'watch-remains') : step(next, 'await-stability')
}

function stopping(state: ProcessCondition, sequel: Sequel): Step {
  return step({ ...counts(state), name: 'stopping', sequel }, 'end')
}

function ended(state: In<'starting'> | In<'running'>, event: Extract<ProcessEvent, { type: 'exited' }>): Step {
  return event.hopeless ? failed(state, event.reason) : crashed(state, event.reason)
}

function crashed(state: ProcessCondition, reason: string): Step {
  const crashes = state.crashes + 1
  if (crashes >= GIVE_UP_AFTER) {
    return failed({ ...state, crashes }, `${reason} It is not started again: that was ${crashes} times in a row.`)
  }
  const { restarts } = state
  return step(
    { name: 'backing-off', reason, wasReady: state.name === 'running', crashes, restarts },
    'end-remains',
    'back-off',
  )
}

function failed(state: ProcessCondition, reason: string): Step {
  return step({ ...counts(state), name: 'failed', reason }, 'end-remains')
}

function counts({ crashes, restarts }: ProcessCondition): Counts {
  return { crashes, restarts }
}

function step(state: ProcessCondition, ...effects: ProcessEffect[]): Step {
  return { state, effects }
}

function same(state: ProcessCondition): Step {
  return { state, effects: [] }
}
