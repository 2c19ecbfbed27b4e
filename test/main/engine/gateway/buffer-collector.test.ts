import { PerformanceObserver } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { BufferCollector } from '../../../../src/main/engine/gateway/buffer-collector.js'
import { until } from '../../../support/wait.js'

test('buffers that nothing holds any more are freed as they are relayed, not 64 MB later', () => {
  const collector = new BufferCollector()
  let highest = 0
  const before = process.memoryUsage().arrayBuffers
  for (let relayed = 0; relayed < 256; relayed++) {
    collector.relayed(Buffer.alloc(1024 * 1024).length)
    highest = Math.max(highest, process.memoryUsage().arrayBuffers - before)
  }
  expect(highest).toBeLessThan(32 * 1024 * 1024)
})

test('small traffic collects nothing', async () => {
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list
      .getEntries()
      .filter((entry) => (entry as { detail?: { flags?: number } }).detail?.flags === 4).length
  })
  observer.observe({ entryTypes: ['gc'] })
  const collector = new BufferCollector()
  for (let round = 0; round < 1000; round++) collector.relayed(1000)
  expect(collections).toBe(0)
  collector.relayed(4 * 1024 * 1024)
  await until(() => collections > 0, 'a collection, once enough was relayed')
  observer.disconnect()
})
