import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AuditLog } from '../../../../../src/main/engine/tunnel/relay/audit-log.js'

test('what strangers can cause at will fills no disk: it is counted instead', async () => {
  const lines: string[] = []
  const file = {
    append: async (data: Buffer) => void lines.push(...String(data).trimEnd().split('\n')),
    close: async () => {},
  }
  const audit = new AuditLog(file, pino({ enabled: false }))
  for (let i = 0; i < 1_000; i++) audit.note({ event: 'agent-refused', agent: null, from: '::1', status: 401 })
  audit.note({ event: 'relay-stopped' })
  await audit.close()
  // Twice as many when a minute begins meanwhile.
  expect(lines.length).toBeLessThanOrEqual(121)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'relay-stopped', omittedBefore: expect.any(Number) })
})

test('an audit log that cannot be written says so in it later, and loses nothing else', async () => {
  const lines: string[] = []
  let full = true
  const append = async (data: Buffer) => {
    if (full) throw new Error('ENOSPC')
    lines.push(String(data))
  }
  const audit = new AuditLog({ append, close: async () => {} }, pino({ enabled: false }))
  audit.note({ event: 'relay-started' })
  await new Promise(setImmediate)
  audit.note({ event: 'token-created', token: 'x', agent: null })
  await new Promise(setImmediate)
  expect(audit.trouble).toContain('ENOSPC')
  full = false
  audit.note({ event: 'relay-stopped' })
  await audit.close()
  expect(audit.trouble).toBeNull()
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), event: 'relay-stopped', omittedBefore: 2 },
  ])
})
