import { describe, expect, test } from 'vitest'
import { formatBackends } from '../../../src/main/cli/format-backends.js'
import { formatOutput } from '../../../src/main/cli/format-output.js'
import { formatProcesses } from '../../../src/main/cli/format-processes.js'
import { formatApps } from '../../../src/main/cli/format-status.js'
import { formatTable } from '../../../src/main/cli/table.js'
import type { BackendStatus, ProcessStatus } from '../../../src/shared/window-schemas.js'

const NOW = Date.UTC(2026, 0, 1, 12)

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1_000).toISOString()
}

function processOf(parts: Partial<ProcessStatus>): ProcessStatus {
  const nothing = { pid: null, port: null, exit: null, reason: null, waitingFor: null, cpu: null, memory: null }
  const never = { startedAt: null, nextStartAt: null }
  return {
    app: 'shop',
    state: 'stopped',
    restarts: 0,
    detached: false,
    command: 'npm start',
    ...nothing,
    ...never,
    ...parts,
  }
}

function backendOf(parts: Partial<BackendStatus>): BackendStatus {
  return {
    ...{ app: 'api', route: '/', url: 'http://127.0.0.1:8000', health: 'healthy', reason: null, since: null },
    ...{ weight: 1, breaker: 'closed', retryAt: null, inFlight: 0, draining: false, check: null },
    ...parts,
  } as BackendStatus
}

/** The cells of a row, by what they are called. */
function cells(table: string[], row = 1): Record<string, string> {
  const [head = '', line = ''] = [table[0], table[row]]
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], at: match.index }))
  return Object.fromEntries(
    starts.map(({ name, at }, index) => [name, line.slice(at, starts[index + 1]?.at ?? line.length).trim()]),
  )
}

describe('ps', () => {
  test('tells of a running process what it is and takes', () => {
    const running = processOf({
      ...{ state: 'running', pid: 812, port: 4123, restarts: 2, startedAt: ago(65), cpu: 3.25, memory: 64 * 2 ** 20 },
    })
    expect(cells(formatProcesses([running], NOW))).toEqual({
      ...{ APP: 'shop', STATE: '● running', PID: '812', PORT: '4123', RESTARTS: '2' },
      ...{ UPTIME: '1 m 5 s', CPU: '3.3 %', MEMORY: '64 MiB' },
    })
  })

  test('tells each state by a shape and a word', () => {
    const states = ['stopped', 'waiting', 'starting', 'running', 'stopping', 'backing-off', 'failed'] as const
    const table = formatProcesses(
      states.map((state) => processOf({ state })),
      NOW,
    )
    const shown = states.map((_, index) => cells(table, index + 1).STATE ?? '')
    expect(shown.map((text) => text.split(' ')[1])).toEqual([...states])
    expect(new Set(shown.map((text) => text.split(' ')[0])).size).toBe(states.length)
    const detached = processOf({ state: 'running', detached: true })
    expect(cells(formatProcesses([detached], NOW)).STATE).toBe('● running (detached)')
  })

  test('tells why, how the latest run ended, and when the next begins', () => {
    const exit = { code: 1, signal: null, at: ago(1), lastLines: [] }
    const backingOff = processOf({ state: 'backing-off', exit, reason: 'It crashed.', nextStartAt: ago(-8) })
    const failed = processOf({ state: 'failed', exit, reason: 'It ended with exit code 1 ten times in a row.' })
    const signalled = { ...exit, code: null, signal: 'SIGKILL' }
    const killed = processOf({ state: 'running', restarts: 1, exit: signalled })
    const restarted = processOf({ state: 'running', port: 1, exit: signalled })
    const stopped = processOf({ exit })
    const waiting = processOf({ state: 'waiting', waitingFor: 'db' })
    const table = formatProcesses([backingOff, failed, killed, restarted, stopped, waiting], NOW)
    expect([1, 2, 3, 4, 5, 6].map((row) => cells(table, row).WHY)).toEqual([
      'It crashed; starts again in 8 s',
      'It ended with exit code 1 ten times in a row',
      'before: SIGKILL',
      '',
      'exit code 1',
      'waits for db',
    ])
  })

  test('says how to have a process where there is none', () => {
    expect(formatProcesses([], NOW)).toEqual(['No app has a process. Add one: portico app add NAME -- COMMAND'])
  })
})

describe('app list', () => {
  const app = { name: 'shop', enabled: true, hosts: [], urls: ['https://shop.localhost'], target: 'its process' }

  test('tells how the process of an app is, and how long a temporary one stays', () => {
    const shop = { ...app, app: { name: 'shop' } }
    expect(formatApps([shop], [processOf({ state: 'failed' })])).toEqual([
      'shop  https://shop.localhost -> its process  ✖ failed',
    ])
    expect(formatApps([{ ...shop, whilePid: 812 }], [])).toEqual([
      'shop  https://shop.localhost -> its process  while process 812 runs',
    ])
  })
})

describe('backends', () => {
  test('tell when an open breaker tries again', () => {
    const open = backendOf({ health: 'unhealthy', reason: '5 failures in a row', breaker: 'open', retryAt: ago(-8) })
    expect(cells(formatBackends([open], NOW))).toEqual({
      ...{ APP: 'api', ROUTE: '/', BACKEND: 'http://127.0.0.1:8000', HEALTH: '✖ unhealthy' },
      ...{ BREAKER: 'open, tries again in 8 s', WHY: '5 failures in a row' },
    })
    expect(cells(formatBackends([backendOf({ breaker: 'half-open' })], NOW)).BREAKER).toBe('half-open, trying')
  })

  test('tell draining, requests under way, weight and the latest check', () => {
    const check = { at: ago(1), ok: true, ms: 3.4, result: '200 OK' }
    const shown = cells(formatBackends([backendOf({ draining: true, inFlight: 3, weight: 2, check })], NOW))
    expect(shown).toMatchObject({ HEALTH: '◇ draining', 'IN FLIGHT': '3', WEIGHT: '2', 'LAST CHECK': '200 OK, 3 ms' })
  })

  test('tell when one that was taken out is tried again', () => {
    const out = backendOf({ health: 'unhealthy', reason: 'connection refused', retryAt: ago(-0.2) })
    expect(cells(formatBackends([out], NOW)).WHY).toBe('connection refused; tried again now')
  })
})

describe('output', () => {
  test('marks where a line comes from', () => {
    const line = { seq: 1, time: '2026-01-02T03:04:05.678Z', text: 'hello' }
    expect(formatOutput({ ...line, stream: 'stdout' })).toBe('03:04:05.678 | hello')
    expect(formatOutput({ ...line, stream: 'stderr' })).toBe('03:04:05.678 ! hello')
    expect(formatOutput({ ...line, stream: 'portico' })).toBe('03:04:05.678 * hello')
    expect(formatOutput({ ...line, stream: 'stdout', text: '' })).toBe('03:04:05.678 |')
  })
})

describe('a table', () => {
  test('leaves out what is empty in every row, and lines up what is styled', () => {
    expect(
      formatTable(
        ['A', 'B', 'C'],
        [
          ['\x1b[31mxyz\x1b[39m', '', '1'],
          ['x', '', '22'],
        ],
      ),
    ).toEqual(['A    C', '\x1b[31mxyz\x1b[39m  1', 'x    22'])
  })
})
