import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sandbox } from '../main/cli/portico.js'
import { startRedis } from '../support/redis.js'
import { TunnelProcesses } from '../support/tunnel-processes.js'
import { until, within } from '../support/wait.js'

/** The gateway, a relay and the commands, each in a process of its own, and a real Redis. */

let processes: TunnelProcesses
let box: Sandbox
let redis: Awaited<ReturnType<typeof startRedis>>

beforeAll(async () => {
  redis = await startRedis()
  box = await Sandbox.make()
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps: [] }))
  ;[processes] = await Promise.all([TunnelProcesses.start(), box.serve()])
  box.env.PORTICO_TUNNEL_TOKEN = processes.token
})

afterAll(async () => {
  await box.close()
  await processes.close()
  await redis.close()
})

/** What Redis answers through a port of the relay; null when nobody is let in. */
async function ping(port: number): Promise<string | null> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [data] = (await within(once(socket, 'data'), 'an answer')) as [Buffer]
    return data.toString().trim()
  } catch {
    return null
  } finally {
    socket.destroy()
  }
}

test('the gateway lets users of a relay reach what is allowed: after the command has ended, and after the relay was killed', async () => {
  const { url } = processes
  const port = await processes.addProxy(redis.port)
  const target = `127.0.0.1:${redis.port}`
  expect((await box.run('tunnel', 'open', url)).stderr).toContain(`There is no saved relay ${url}.`)
  expect((await box.run('shares', 'save', url)).code).toBe(0)
  expect((await box.run('tunnel', 'list')).stdout).toContain('No relay reaches services here.')
  const wrong = await box.run('tunnel', 'open', url, '--allow', target, '--allow', 'db.lan')
  expect(wrong.code).not.toBe(0)
  expect(wrong.stderr).toContain('Line 2: "db.lan" cannot be allowed: the port is missing.')

  const opened = await box.run('tunnel', 'open', url)
  expect(opened).toMatchObject({ code: 0, stdout: `Users of ${url} reach services here, as laptop.\n` })
  expect(await ping(port)).toBeNull()
  const listed = (await box.run('tunnel', 'list')).stdout
  expect(listed).toMatch(new RegExp(`${url} +connected +127\\.0\\.0\\.1:${port} +${target} +refused +0 of 0`))
  expect((await box.run('tunnel', 'open', url, '--allow', target)).code).toBe(0)
  expect(await ping(port)).toBe('+PONG')

  await processes.killRelay()
  const told = async () => JSON.parse((await box.run('tunnel', 'list', '--json')).stdout)
  expect(await told()).toMatchObject([{ relay: url, state: 'waiting', allow: [target] }])
  await processes.restartRelay()
  await until(async () => (await ping(port)) === '+PONG', 'users are served again', 10_000)
  expect(await told()).toMatchObject([{ state: 'connected', reason: null, proxies: [{ allowed: true }] }])

  expect((await box.run('tunnel', 'close', url)).stdout).toContain('reach no services here any more')
  expect(await ping(port)).toBeNull()
  expect(await told()).toEqual([])
})
