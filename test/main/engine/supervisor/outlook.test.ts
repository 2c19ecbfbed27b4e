import { expect, test } from 'vitest'
import { outlook } from '../../../../src/main/engine/supervisor/outlook.js'
import type { ProcessCondition } from '../../../../src/main/engine/supervisor/process-condition.js'

const COUNTS = { crashes: 1, restarts: 0 }
const backingOff = (wasReady: boolean): ProcessCondition => ({ ...COUNTS, name: 'backing-off', reason: 'x', wasReady })

test.each<[string, ProcessCondition, number | null, string]>([
  ['running', { ...COUNTS, name: 'running', detached: false }, null, 'ready ready ready'],
  ['waiting', { ...COUNTS, name: 'waiting', by: 'request' }, null, 'wait wait wait'],
  ['starting', { ...COUNTS, name: 'starting', spawned: true, detached: false }, null, 'wait wait wait'],
  ['restarting', { ...COUNTS, name: 'stopping', sequel: { to: 'start', by: 'person' } }, null, 'wait wait wait'],
  [
    'being stopped',
    { ...COUNTS, name: 'stopping', sequel: { to: 'stopped', why: 'person' } },
    null,
    'never never never',
  ],
  ['crashed after it was ready', backingOff(true), 1_000, 'never wait wait'],
  ['crashed after it was ready, for long', backingOff(true), 30_000, 'never never wait'],
  ['crashed before it was ready', backingOff(false), 1_000, 'never never wait'],
  ['stopped', { ...COUNTS, name: 'stopped', why: 'idle' }, null, 'never never never'],
  ['failed', { ...COUNTS, name: 'failed', reason: 'x' }, null, 'never never never'],
])('a person, a request and a dependent of a process that is %s', (_name, condition, restartMs, expected) => {
  const verdicts = (['person', 'request', 'dependent'] as const).map((who) =>
    outlook(condition, who, restartMs, 15_000),
  )
  expect(verdicts.join(' ')).toBe(expected)
})
