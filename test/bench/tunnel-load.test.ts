import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Children } from '../../bench/children.ts'
import type { Places } from '../../bench/tunnel/contestants.ts'
import { echoes, transfer, whileReading } from '../../bench/tunnel/load.ts'
import { startService } from '../../bench/tunnel/start-service.ts'
import { freePort } from '../support/free-port.js'

let children: Children
let dir: string
let services: Places

beforeAll(async () => {
  children = new Children()
  dir = await mkdtemp(join(tmpdir(), 'portico-bench-test-'))
  services = { source: await startService(children, dir, 'source'), echo: await startService(children, dir, 'echo') }
})

afterAll(async () => {
  await children.endAll()
  await rm(dir, { recursive: true })
})

test('transfers are read all at once, and what they cost is told for each GB', async () => {
  let asked = 0
  const cpu = async () => (asked++ === 0 ? 0 : 1_000_000)
  const { bytesPerSecond, spread, cpuMillisPerGigabyte } = await transfer(services.source, 2, 0.2, cpu)
  expect(bytesPerSecond).toBeGreaterThan(0)
  expect(spread).toBeGreaterThanOrEqual(0)
  expect(spread).toBeLessThan(1)
  expect(cpuMillisPerGigabyte).toBeGreaterThan(0)
})

test('echoes are timed beside transfers', async () => {
  const { p50Ms, p99Ms } = await whileReading(services.source, 1, () => echoes(services.echo, 0.2))
  expect(p50Ms).toBeGreaterThan(0)
  expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
})

test('a transfer that gets nothing is no result', async () => {
  const nobody = await freePort()
  await expect(transfer(nobody, 1, 0.05)).rejects.toThrow('1 transfers got nothing')
})
