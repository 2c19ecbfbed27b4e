import { expect, test } from 'vitest'
import { parseCommandLine, parseStat } from '../../../../src/main/platform/process-table/proc-stat.js'

/** /proc/PID/stat as Linux 6 writes it. */
const stat = ({ name = 'node', state = 'S', threads = 11 } = {}) =>
  `812 (${name}) ${state} 801 800 790 34816 812 4194304 26313 1204 3 0 157 43 7 9 20 0 ${threads} 0 4271985 ` +
  '1108533248 13421 18446744073709551615 4194304 46137344 140729145392256 0 0 0 0 16781312 134234626 0 0 0 17 1 0 0 0 0 0 ' +
  '94078771436592 94078771438208 94078929285120 140729145400025 140729145400045 140729145400045 140729145401323 0\n'

test('tells parent, group, start, processor time and memory', () => {
  expect(parseStat(stat())).toEqual({
    pid: 812,
    name: 'node',
    ppid: 801,
    group: 800,
    alive: true,
    cpuMs: 2_000,
    startTicks: '4271985',
    rssPages: 13_421,
  })
})

test.each(['Web Content', 'a) S 1 1 1 (b', ':-)', '(sd-pam)', 'two\nlines', ''])(
  'the name %j does not shift the fields',
  (name) => {
    expect(parseStat(stat({ name }))).toMatchObject({ pid: 812, name, ppid: 801, group: 800, startTicks: '4271985' })
  },
)

test.each([
  ['R', 1, true],
  ['D', 1, true],
  ['T', 1, true],
  ['I', 1, true],
  ['Z', 1, false],
  ['Z', 4, true],
  ['X', 1, false],
  ['x', 1, false],
])('state %s with %i threads: alive is %s', (state, threads, alive) => {
  expect(parseStat(stat({ state, threads }))?.alive).toBe(alive)
})

test('what is cut short is no process', () => {
  expect(parseStat('')).toBeNull()
  expect(parseStat('812 (node')).toBeNull()
  expect(parseStat('812 (node) S 801 800')).toBeNull()
})

test('a command line is shown as it was typed, empty arguments and line ends included', () => {
  expect(parseCommandLine('node\0-e\0let a = 1\nlet b\0')).toBe('node -e let a = 1\nlet b')
  expect(parseCommandLine('sh\0\0x\0')).toBe('sh  x')
  expect(parseCommandLine('nginx: master process nginx\0\0\0\0')).toBe('nginx: master process nginx')
  expect(parseCommandLine('')).toBe('')
})
