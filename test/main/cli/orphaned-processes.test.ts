import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ProcessStatus } from '../../../src/shared/window-schemas.js'
import { alive, ask, serverApp } from '../../support/processes/supervise.js'
import { until } from '../../support/wait.js'
import { Sandbox } from './portico.js'

let box: Sandbox

beforeEach(async () => {
  box = await Sandbox.make()
  const apps = [serverApp('shop', ['--child']), serverApp('api', ['--ignore-term'], { stopTimeout: '5s' })]
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps }))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await box.close()
})

test('after kill -9 of the gateway the next one ends what was left, and starts the apps anew', async () => {
  const first = await box.serve()
  const left = await running()
  first.child.kill('SIGKILL')
  await first.ended
  expect(await alive(left.map(({ pid }) => pid))).toHaveLength(2)

  const second = await box.serve()
  const again = await running()
  expect(await alive(left.map(({ pid }) => pid))).toEqual([])
  for (const { pid, port } of again) expect((await ask(port)).pid).toBe(pid)

  second.child.kill('SIGTERM')
  expect(await second.ended).toBe(0)
  expect(await alive(again.map(({ pid }) => pid))).toEqual([])
})

test('a gateway that crashes takes its processes with it', async () => {
  const crash = "data:text/javascript,process.on('SIGUSR2',()=>{throw%20new%20Error('crash')})"
  vi.stubEnv('NODE_OPTIONS', `--import=${crash}`)
  const server = await box.serve()
  const apps = await running()
  server.child.kill('SIGUSR2')
  expect(await server.ended).not.toBe(0)
  expect(server.stderr).toContain('crash')
  expect(await alive(apps.map(({ pid }) => pid))).toEqual([])
})

test('a second wish to stop does not wait for those who do not want to end', async () => {
  const server = await box.serve()
  const apps = await running()
  server.child.kill('SIGTERM')
  await until(async () => (await alive([apps[0]?.pid ?? 0])).length === 0, 'the first has ended')
  const begun = performance.now()
  server.child.kill('SIGTERM')
  await server.ended
  expect(performance.now() - begun).toBeLessThan(8_000)
  expect(await alive(apps.map(({ pid }) => pid))).toEqual([])
})

async function running(): Promise<ProcessStatus[]> {
  let apps: ProcessStatus[] = []
  await until(
    async () => {
      apps = JSON.parse((await box.run('ps', '--json')).stdout) as ProcessStatus[]
      return apps.length === 2 && apps.every(({ state }) => state === 'running')
    },
    () => `two running apps, and not ${JSON.stringify(apps)}`,
    20_000,
  )
  return apps
}
