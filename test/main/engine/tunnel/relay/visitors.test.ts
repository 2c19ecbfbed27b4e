import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AuditLog } from '../../../../../src/main/engine/tunnel/relay/audit-log.js'
import { Visitors } from '../../../../../src/main/engine/tunnel/relay/publishing/visitors.js'

const START = Date.parse('2026-01-01T00:00:00Z')

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

function start() {
  const lines: string[] = []
  const append = async (data: Buffer) => void lines.push(...String(data).trimEnd().split('\n'))
  const audit = new AuditLog({ append, close: async () => {} }, pino({ enabled: false }))
  const told = async () => {
    await audit.close()
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { visitors: new Visitors(audit), told }
}

const VISIT = { name: 'shop', from: '192.0.2.1', refused: false, bytesIn: 1, bytesOut: 10 }

test('requests are one visit as long as less than a minute is between them', async () => {
  const { visitors, told } = start()
  for (let request = 0; request < 5; request += 1) {
    visitors.note({ ...VISIT, refused: request === 0 }, 'laptop')
    vi.advanceTimersByTime(50_000)
  }
  vi.advanceTimersByTime(30_000)
  visitors.note(VISIT, 'laptop')
  vi.advanceTimersByTime(100_000)
  const who = { name: 'shop', agent: 'laptop', from: '192.0.2.1' }
  expect(await told()).toMatchObject([
    { event: 'visit-opened', ...who },
    { event: 'visit-closed', ...who, requests: 5, refused: 1, bytesIn: 5, bytesOut: 50, seconds: 200, reason: 'gone' },
    { event: 'visit-opened', ...who },
    { event: 'visit-closed', ...who, requests: 1, refused: 0, seconds: 0, reason: 'gone' },
  ])
  expect(vi.getTimerCount()).toBe(0)
})

test('a clock that is set back keeps no visit for ever', async () => {
  const { visitors, told } = start()
  visitors.note(VISIT, 'laptop')
  vi.setSystemTime(START - 86_400_000)
  vi.advanceTimersByTime(20_000)
  expect((await told()).at(-1)).toMatchObject({ event: 'visit-closed', seconds: 0 })
})

test('so many visitors that they are not told one by one are counted', async () => {
  const { visitors, told } = start()
  for (let at = 0; at < 5_010; at += 1) visitors.note({ ...VISIT, from: `v${at}` }, 'laptop')
  visitors.end('other', 'none of these')
  visitors.end('shop', 'over')
  const lines = await told()
  expect(lines.filter(({ event }) => event === 'visit-closed')).toHaveLength(5_000)
  expect(lines.find(({ omittedBefore }) => omittedBefore !== undefined)).toMatchObject({ omittedBefore: 10 })
})
