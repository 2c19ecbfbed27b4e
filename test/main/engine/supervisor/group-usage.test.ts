import { expect, test } from 'vitest'
import { sampleGroup, usageBetween } from '../../../../src/main/engine/supervisor/group-usage.js'
import type { ProcessInfo } from '../../../../src/main/engine/supervisor/process-system.js'

const info = (pid: number, parts: Partial<ProcessInfo>): ProcessInfo => ({
  ...{ pid, ppid: 1, group: null, birth: String(pid), cpuMs: 0, rssBytes: 100, command: 'node' },
  ...parts,
})

test('an app’s group is added up, and nobody else', () => {
  const all = [
    info(10, { group: 10, cpuMs: 100 }),
    info(11, { group: 10, ppid: 10, cpuMs: 50 }),
    info(12, { group: 12, ppid: 10, cpuMs: 999 }),
    info(20, { group: 20, cpuMs: 7 }),
  ]
  expect(usageBetween(null, sampleGroup(all, [10, 20], 0))).toEqual({ cpu: null, memory: 300 })
})

test('without groups the tree is added up', () => {
  const all = [info(12, { ppid: 11 }), info(11, { ppid: 10 }), info(10, {}), info(20, {})]
  expect(sampleGroup(all, [10], 0).rssBytes).toBe(300)
})

test('the processor time between two looks is percent of one core', () => {
  const before = sampleGroup([info(10, { group: 10, cpuMs: 1_000 }), info(11, { group: 10, cpuMs: 500 })], [10], 0)
  const after = sampleGroup([info(10, { group: 10, cpuMs: 1_500 }), info(13, { group: 10, cpuMs: 250 })], [10], 1_000)
  expect(usageBetween(before, after)).toEqual({ cpu: 75, memory: 200 })
})
