import { createHook } from 'node:async_hooks'
import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { server, supervise } from '../../../support/processes/supervise.js'
import { until } from '../../../support/wait.js'

const APPS = 20
const FOR_MS = process.env.PORTICO_LONG === '1' ? 60_000 : 15_000

/** Those that keep nobody from ending are not among the active resources of Node. */
const timers = new Set<number>()
const watchTimers = createHook({
  init: (id, type) => void (type === 'Timeout' && timers.add(id)),
  destroy: (id) => void timers.delete(id),
})

/** Every way of coming and going, over and over: ready and killed, never ready, with children, gone by itself. */
const WAYS = [
  ['--exit=1'],
  ['--exit=1', '--exit-after=100'],
  ['--exit-after=100', '--child'],
  ['--after=60000'],
  ['--daemon', '--exit-after=50'],
]

test(`${APPS} apps that come and go for ${FOR_MS / 1_000} s leave no process, no file and no timer`, {
  timeout: FOR_MS + 60_000,
}, async () => {
  const supervised = await supervise({ backOffMs: () => 50 + Math.random() * 100, stableMs: 80 })
  watchTimers.enable()
  const before = await used()
  const marker = `--flapping-${process.pid}`
  supervised.apply(
    ...Array.from({ length: APPS }, (_, index) => ({
      name: `app-${index}`,
      process: {
        command: [...server(...(WAYS[index % WAYS.length] ?? [])), marker],
        ...{ startTimeout: '700ms', stopTimeout: '300ms' },
      },
    })),
  )
  supervised.supervisor.begin()
  const end = performance.now() + FOR_MS
  let restarts = 0
  let peak = 0
  while (performance.now() < end) {
    await delay(100)
    peak = Math.max(peak, timers.size)
    const name = `app-${Math.floor(Math.random() * APPS)}`
    const { pid, state } = supervised.status(name)
    if (state === 'failed') void supervised.supervisor.restart(name).catch(() => {})
    else if (pid !== null && Math.random() < 0.5) await supervised.system.signalGroup(pid, 'SIGKILL')
  }
  for (const states of supervised.states.values()) restarts += states.filter((state) => state === 'starting').length
  await supervised.close()

  const own = async () => (await supervised.system.list()).filter(({ command }) => command.includes(marker))
  expect(await own()).toEqual([])
  // The test's own runner may have set a timer, or be about to answer for one.
  const asBefore = async () => {
    const { files, timers: set } = await used()
    return files <= before.files && set <= before.timers + 1
  }
  await until(asBefore, 'as many files and timers as before')
  const after = await used()
  watchTimers.disable()
  console.log(`${APPS} apps, ${FOR_MS / 1_000} s, ${restarts} starts; before ${text(before)}; after ${text(after)}`)
  expect(restarts).toBeGreaterThan(APPS * 2)
  expect(peak).toBeGreaterThan(0)
})

/** Open files of this process, and timers that were set since the last look and have neither fired nor been cleared. */
async function used(): Promise<{ files: number; timers: number }> {
  return { files: (await readdir('/proc/self/fd').catch(() => [])).length, timers: timers.size }
}

function text({ files, timers }: { files: number; timers: number }): string {
  return `${files} open files, ${timers} timers`
}
