import { expect, test } from 'vitest'
import type { ProcessCondition, ProcessEvent } from '../../../../src/main/engine/supervisor/process-condition.js'
import { transition } from '../../../../src/main/engine/supervisor/transition.js'

const COUNTS = { crashes: 2, restarts: 5 }

/** Every state, with the variants that answer differently. */
const STATES = {
  unstarted: { ...COUNTS, name: 'stopped', why: 'unstarted' },
  idle: { ...COUNTS, name: 'stopped', why: 'idle' },
  'stopped by config': { ...COUNTS, name: 'stopped', why: 'config' },
  'stopped by person': { ...COUNTS, name: 'stopped', why: 'person' },
  waiting: { ...COUNTS, name: 'waiting', by: 'config' },
  'waiting for person': { ...COUNTS, name: 'waiting', by: 'person' },
  launching: { ...COUNTS, name: 'starting', spawned: false, detached: false },
  starting: { ...COUNTS, name: 'starting', spawned: true, detached: false },
  'starting detached': { ...COUNTS, name: 'starting', spawned: true, detached: true },
  running: { ...COUNTS, name: 'running', detached: false },
  detached: { ...COUNTS, name: 'running', detached: true },
  stopping: { ...COUNTS, name: 'stopping', sequel: { to: 'stopped', why: 'person' } },
  idling: { ...COUNTS, name: 'stopping', sequel: { to: 'stopped', why: 'idle' } },
  restarting: { ...COUNTS, name: 'stopping', sequel: { to: 'start', by: 'config' } },
  crashing: { ...COUNTS, name: 'stopping', sequel: { to: 'crash', reason: 'late.' } },
  'backing-off': { ...COUNTS, name: 'backing-off', reason: 'x', wasReady: true },
  failed: { ...COUNTS, name: 'failed', reason: 'x' },
} as const satisfies Record<string, ProcessCondition>

const EVENTS = {
  'start person': { type: 'start', by: 'person' },
  'start config': { type: 'start', by: 'config' },
  'start request': { type: 'start', by: 'request' },
  'start dependent': { type: 'start', by: 'dependent' },
  'stop person': { type: 'stop', why: 'person' },
  'stop config': { type: 'stop', why: 'config' },
  restart: { type: 'restart' },
  changed: { type: 'changed' },
  idle: { type: 'idle' },
  'dependencies-ready': { type: 'dependencies-ready' },
  'dependency-failed': { type: 'dependency-failed', reason: 'no db' },
  spawned: { type: 'spawned' },
  refused: { type: 'refused', reason: 'no file' },
  'not-spawned': { type: 'not-spawned', reason: 'no handles.' },
  ready: { type: 'ready' },
  'not-ready': { type: 'not-ready', reason: 'late.' },
  exited: { type: 'exited', reason: 'code 1.', detached: false, hopeless: false },
  'exited detached': { type: 'exited', reason: 'code 0.', detached: true, hopeless: false },
  'exited hopeless': { type: 'exited', reason: 'port taken', detached: false, hopeless: true },
  stable: { type: 'stable' },
  'kill-due': { type: 'kill-due' },
  gone: { type: 'gone' },
  'back-off-over': { type: 'back-off-over' },
} as const satisfies Record<string, ProcessEvent>

type StateName = keyof typeof STATES
type EventName = keyof typeof EVENTS

/** What becomes of each state; an event that is not named leaves it as it is and has nothing done. */
const TABLE: Record<StateName, Partial<Record<EventName, string>>> = {
  unstarted: {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'start config': 'waiting(config) 0/0: await-dependencies',
    'start request': 'waiting(request) 0/0: await-dependencies',
    'start dependent': 'waiting(dependent) 0/0: await-dependencies',
    'stop person': 'stopped(person) 2/5',
    'stop config': 'stopped(config) 2/5',
    restart: 'waiting(person) 0/0: await-dependencies',
  },
  idle: {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'start config': 'waiting(config) 0/0: await-dependencies',
    'start request': 'waiting(request) 0/0: await-dependencies',
    'start dependent': 'waiting(dependent) 0/0: await-dependencies',
    'stop person': 'stopped(person) 2/5',
    'stop config': 'stopped(config) 2/5',
    restart: 'waiting(person) 0/0: await-dependencies',
  },
  'stopped by config': {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'start config': 'waiting(config) 0/0: await-dependencies',
    'start request': 'waiting(request) 0/0: await-dependencies',
    'start dependent': 'waiting(dependent) 0/0: await-dependencies',
    'stop person': 'stopped(person) 2/5',
    restart: 'waiting(person) 0/0: await-dependencies',
  },
  'stopped by person': {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'stop config': 'stopped(config) 2/5',
    restart: 'waiting(person) 0/0: await-dependencies',
  },
  waiting: {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'waiting(person) 0/0: await-dependencies',
    changed: 'waiting(config) 0/0: await-dependencies',
    'dependencies-ready': 'starting() 2/5: launch',
    'dependency-failed': 'failed(no db) 2/5: end-remains',
  },
  'waiting for person': {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'waiting(person) 0/0: await-dependencies',
    changed: 'waiting(config) 0/0: await-dependencies',
    'dependencies-ready': 'starting() 2/5: launch',
    'dependency-failed': 'failed(no db) 2/5: end-remains',
  },
  launching: {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'stopping(start person) 2/5: end',
    changed: 'stopping(start config) 2/5: end',
    spawned: 'starting(spawned) 2/5: await-ready',
    refused: 'failed(no file) 2/5: end-remains',
    'not-spawned': 'backing-off(no handles.) 3/5: end-remains back-off',
    'not-ready': 'stopping(crash late.) 2/5: end',
    exited: 'backing-off(code 1.) 3/5: end-remains back-off',
    'exited detached': 'starting(detached) 2/5',
    'exited hopeless': 'failed(port taken) 2/5: end-remains',
  },
  starting: {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'stopping(start person) 2/5: end',
    changed: 'stopping(start config) 2/5: end',
    spawned: 'starting(spawned) 2/5: await-ready',
    refused: 'failed(no file) 2/5: end-remains',
    'not-spawned': 'backing-off(no handles.) 3/5: end-remains back-off',
    ready: 'running() 2/5: await-stability',
    'not-ready': 'stopping(crash late.) 2/5: end',
    exited: 'backing-off(code 1.) 3/5: end-remains back-off',
    'exited detached': 'starting(spawned detached) 2/5',
    'exited hopeless': 'failed(port taken) 2/5: end-remains',
  },
  'starting detached': {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'stopping(start person) 2/5: end',
    changed: 'stopping(start config) 2/5: end',
    spawned: 'starting(spawned detached) 2/5: await-ready',
    refused: 'failed(no file) 2/5: end-remains',
    'not-spawned': 'backing-off(no handles.) 3/5: end-remains back-off',
    ready: 'running(detached) 2/5: await-stability watch-remains',
    'not-ready': 'stopping(crash late.) 2/5: end',
    exited: 'backing-off(code 1.) 3/5: end-remains back-off',
    'exited hopeless': 'failed(port taken) 2/5: end-remains',
  },
  running: {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'stopping(start person) 2/5: end',
    changed: 'stopping(start config) 2/5: end',
    idle: 'stopping(stopped idle) 2/5: end',
    exited: 'backing-off(code 1. was ready) 3/5: end-remains back-off',
    'exited detached': 'running(detached) 2/5: watch-remains',
    'exited hopeless': 'failed(port taken) 2/5: end-remains',
    stable: 'running() 0/5',
  },
  detached: {
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'stopping(start person) 2/5: end',
    changed: 'stopping(start config) 2/5: end',
    idle: 'stopping(stopped idle) 2/5: end',
    exited: 'backing-off(code 1. was ready) 3/5: end-remains back-off',
    'exited detached': 'running(detached) 2/5: watch-remains',
    'exited hopeless': 'failed(port taken) 2/5: end-remains',
    stable: 'running(detached) 0/5',
  },
  stopping: {
    'start person': 'stopping(start person) 2/5',
    'stop config': 'stopping(stopped config) 2/5',
    restart: 'stopping(start person) 2/5',
    'kill-due': 'stopping(stopped person) 2/5: kill',
    gone: 'stopped(person) 0/5',
  },
  idling: {
    'start person': 'stopping(start person) 2/5',
    'start config': 'stopping(start config) 2/5',
    'start request': 'stopping(start request) 2/5',
    'start dependent': 'stopping(start dependent) 2/5',
    'stop person': 'stopping(stopped person) 2/5',
    'stop config': 'stopping(stopped config) 2/5',
    restart: 'stopping(start person) 2/5',
    'kill-due': 'stopping(stopped idle) 2/5: kill',
    gone: 'stopped(idle) 0/5',
  },
  restarting: {
    'start person': 'stopping(start person) 2/5',
    'stop person': 'stopping(stopped person) 2/5',
    'stop config': 'stopping(stopped config) 2/5',
    restart: 'stopping(start person) 2/5',
    'kill-due': 'stopping(start config) 2/5: kill',
    gone: 'waiting(config) 0/0: await-dependencies',
  },
  crashing: {
    'start person': 'stopping(start person) 2/5',
    'stop person': 'stopping(stopped person) 2/5',
    'stop config': 'stopping(stopped config) 2/5',
    restart: 'stopping(start person) 2/5',
    changed: 'stopping(start config) 2/5',
    'kill-due': 'stopping(crash late.) 2/5: kill',
    gone: 'backing-off(late.) 3/5: end-remains back-off',
  },
  'backing-off': {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'waiting(person) 0/0: await-dependencies',
    changed: 'waiting(config) 0/0: await-dependencies',
    'back-off-over': 'waiting(crash) 2/6: await-dependencies',
  },
  failed: {
    'start person': 'waiting(person) 0/0: await-dependencies',
    'stop person': 'stopping(stopped person) 2/5: end',
    'stop config': 'stopping(stopped config) 2/5: end',
    restart: 'waiting(person) 0/0: await-dependencies',
    changed: 'waiting(config) 0/0: await-dependencies',
  },
}

const PAIRS = Object.keys(STATES).flatMap((state) =>
  Object.keys(EVENTS).map((event) => [state as StateName, event as EventName] as const),
)

test.each(PAIRS)('%s, then %s', (state, event) => {
  const before: ProcessCondition = STATES[state]
  const { state: after, effects } = transition(before, EVENTS[event])
  expect(text(after, effects)).toBe(TABLE[state][event] ?? text(before, []))
})

test('the tenth crash in a row is the last', () => {
  const crash = { type: 'exited', reason: 'It exited with code 1.', detached: false, hopeless: false } as const
  const before = (crashes: number) => ({ name: 'running', detached: false, crashes, restarts: 8 }) as const
  expect(transition(before(8), crash).state.name).toBe('backing-off')
  const { state, effects } = transition(before(9), crash)
  expect(state).toEqual({
    name: 'failed',
    reason: 'It exited with code 1. It is not started again: that was 10 times in a row.',
    crashes: 10,
    restarts: 8,
  })
  expect(effects).toEqual(['end-remains'])
})

/** Such as "waiting(person) 0/0: await-dependencies". */
function text(state: ProcessCondition, effects: readonly string[]): string {
  const done = effects.length === 0 ? '' : `: ${effects.join(' ')}`
  return `${state.name}(${detail(state)}) ${state.crashes}/${state.restarts}${done}`
}

function detail(state: ProcessCondition): string {
  switch (state.name) {
    case 'stopped':
      return state.why
    case 'waiting':
      return state.by
    case 'starting':
      return [state.spawned ? 'spawned' : '', state.detached ? 'detached' : ''].join(' ').trim()
    case 'running':
      return state.detached ? 'detached' : ''
    case 'stopping':
      return Object.values(state.sequel).join(' ')
    case 'backing-off':
      return state.wasReady ? `${state.reason} was ready` : state.reason
    case 'failed':
      return state.reason
  }
}
