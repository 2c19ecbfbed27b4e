import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import https from 'node:https'
import net from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { currentPlatform } from '../../../../src/main/platform/platform.js'
import { processSystem } from '../../../../src/main/platform/process-table/process-system.js'
import { CLI, Sandbox, type Server } from '../portico.js'

/** Tells its process, and what it was given; SIGTERM and SIGINT end it with codes of its own. */
const SERVER = `
  const http = require('node:http')
  const { PORT, HOST, PORTICO_URL } = process.env
  const facts = JSON.stringify({ pid: process.pid, port: PORT, host: HOST, url: PORTICO_URL })
  http.createServer((_, response) => response.end(facts)).listen(Number(PORT), '127.0.0.1')
  process.on('SIGTERM', () => process.exit(7))
  process.on('SIGINT', () => { console.log('interrupted'); process.exit(5) })
`

const PATIENCE = { timeout: 15_000 }

let box: Sandbox
let server: Server
let shop: string
const runs: Run[] = []
const strays: number[] = []

beforeEach(async () => {
  box = await Sandbox.make()
  shop = path.join(box.base, 'shop')
  await mkdir(shop)
  await writeFile(path.join(shop, 'server.cjs'), SERVER)
  await writeFile(path.join(shop, 'package.json'), '{"name":"@acme/shop"}')
  server = await box.serve()
})

afterEach(async () => {
  for (const { child } of runs.splice(0)) if (child.pid !== undefined) kill(-child.pid)
  for (const pid of strays.splice(0)) kill(pid)
  await box.close()
})

interface Run {
  child: ChildProcess
  stdout: string
  stderr: string
  ended: Promise<number | null>
}

/** `portico run` as the leader of a process group, as a shell would start it. */
function run(...words: string[]): Run {
  const child = spawn(process.execPath, [CLI, 'run', '--data-dir', box.dataDir, ...words], {
    cwd: shop,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PORT: undefined, HOST: undefined },
  })
  const started: Run = { child, stdout: '', stderr: '', ended: once(child, 'close').then(([code]) => code) }
  child.stdout.on('data', (chunk: Buffer) => {
    started.stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    started.stderr += chunk.toString()
  })
  runs.push(started)
  return started
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

/** What the gateway answers for a host. */
async function visit(host: string): Promise<{ status: number; body: string }> {
  const request = https.get({
    ...{ host: '127.0.0.1', port: server.httpsPort, servername: host, headers: { host } },
    ...{ agent: false, rejectUnauthorized: false },
  })
  const [response] = await once(request, 'response')
  return { status: response.statusCode, body: Buffer.concat(await response.toArray()).toString() }
}

async function factsOf(host: string): Promise<{ pid: number; port: string; host: string; url: string }> {
  const { status, body } = await visit(host)
  expect(status).toBe(200)
  const facts = JSON.parse(body)
  strays.push(facts.pid)
  return facts
}

async function apps(): Promise<{ name: string; whilePid?: number }[]> {
  return JSON.parse((await box.run('app', 'list', '--json')).stdout)
}

async function configApps(): Promise<unknown> {
  return JSON.parse(await readFile(box.configFile, 'utf8')).apps
}

async function announced(running: Run): Promise<void> {
  await expect.poll(() => running.stderr, PATIENCE).toMatch(/ -> .* \(port \d+\)\n/)
  expect(running.child.exitCode).toBeNull()
}

describe('a command that is run', () => {
  test('is served as long as it runs, and named after its project', async () => {
    const running = run('--', 'node', 'server.cjs')
    await announced(running)
    const facts = await factsOf('shop.localhost')
    const url = `https://shop.localhost:${server.httpsPort}`
    expect(facts).toMatchObject({ host: '127.0.0.1', url })
    expect(running.stderr).toBe(`${url} -> node server.cjs (port ${facts.port})\n`)
    expect(await apps()).toMatchObject([{ name: 'shop', whilePid: running.child.pid }])
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(7)
    expect(await apps()).toEqual([])
    expect(await configApps()).toEqual([])
    expect((await visit('shop.localhost')).status).toBe(404)
  })

  test('gets the name, hosts and port that it is given', async () => {
    const port = String(await freePort())
    const running = run(
      'api',
      '--port',
      port,
      '--host',
      'a.localhost',
      '--host',
      'b.localhost',
      '--',
      'node',
      'server.cjs',
    )
    await announced(running)
    expect(await factsOf('b.localhost')).toMatchObject({ port, url: `https://a.localhost:${server.httpsPort}` })
    expect((await apps())[0]?.name).toBe('api')
  })

  test('is ended by Ctrl-C as in any shell, and its exit code is passed on', async () => {
    const running = run('--', 'node', 'server.cjs')
    await announced(running)
    process.kill(-(running.child.pid ?? 0), 'SIGINT')
    expect(await running.ended).toBe(5)
    expect(running.stdout).toBe('interrupted\n')
    expect(await apps()).toEqual([])
  })

  test('that does not end at Ctrl-C is killed at the second, with all that it has started', async () => {
    const deaf = `process.on('SIGINT', () => console.log('deaf')); ${SERVER.replace(/process\.on\('SIGINT.*/, '')}`
    await writeFile(path.join(shop, 'deaf.cjs'), deaf)
    const running = run('--', 'sh -c "node deaf.cjs; true"; true')
    await announced(running)
    const { pid } = await factsOf('shop.localhost')
    // A shell that is not interactive would end: only those that hear it are told.
    for (const one of [running.child.pid ?? 0, pid]) process.kill(one, 'SIGINT')
    await expect.poll(() => running.stdout, PATIENCE).toContain('deaf')
    running.child.kill('SIGINT')
    expect(await running.ended).toBe(137)
    await expect.poll(() => isAlive(pid), PATIENCE).toBe(false)
  })

  test('and asked to end by another program takes along what it has started', async () => {
    const running = run('--', 'sh -c "node server.cjs; true"; true')
    await announced(running)
    const { pid } = await factsOf('shop.localhost')
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(143)
    expect(await isAlive(pid)).toBe(false)
  })

  test.each([
    [['node', '-e', 'process.exit(3)'], 3],
    [['node', '-e', 'process.kill(process.pid, "SIGKILL")'], 137],
    [['exit 4'], 4],
  ])('%j ends with its own exit code, %i', async (words, code) => {
    expect(await run('--', ...words).ended).toBe(code)
    expect(await configApps()).toEqual([])
  })

  test('is forgotten when portico run is killed, and its name is free at once', async () => {
    const running = run('--', 'node', 'server.cjs')
    await announced(running)
    await factsOf('shop.localhost')
    running.child.kill('SIGKILL')
    await once(running.child, 'exit')
    const again = run('shop', '--', 'node', 'server.cjs')
    await announced(again)
    expect(await apps()).toMatchObject([{ name: 'shop', whilePid: again.child.pid }])
    await factsOf('shop.localhost')
    again.child.kill('SIGKILL')
    await expect.poll(configApps, PATIENCE).toEqual([])
  })

  test('that was killed while the gateway did not run is forgotten at its next start', async () => {
    const running = run('--', 'node', 'server.cjs')
    await announced(running)
    await factsOf('shop.localhost')
    await box.run('stop')
    running.child.kill('SIGKILL')
    await once(running.child, 'exit')
    expect(await configApps()).toHaveLength(1)
    server = await box.serve()
    await expect.poll(configApps, PATIENCE).toEqual([])
  })

  test('takes the port of an app that the config has, which stays', async () => {
    const port = await freePort()
    await box.run('app', 'add', 'shop', '--port', String(port))
    const running = run('--', 'node', 'server.cjs')
    await announced(running)
    expect(await factsOf('shop.localhost')).toMatchObject({ port: String(port) })
    running.child.kill('SIGTERM')
    expect(await running.ended).toBe(7)
    expect(await configApps()).toEqual([{ name: 'shop', port }])
  })

  test('is refused where its port is taken, and by whom is said', async () => {
    const holder = net.createServer()
    await once(holder.listen(0, '127.0.0.1'), 'listening')
    const { port } = holder.address() as net.AddressInfo
    const running = run('--port', String(port), '--', 'node', 'server.cjs')
    expect(await running.ended).toBe(1)
    expect(running.stderr).toContain(`Port ${port}, on which "shop" is to listen, is taken by PID ${process.pid} (`)
    expect(await apps()).toEqual([])
    holder.close()
  })

  test('gets the next name beside one that still runs, and its own is refused', async () => {
    const first = run('--', 'node', 'server.cjs')
    await announced(first)
    await factsOf('shop.localhost')
    const second = run('--', 'node', 'server.cjs')
    await announced(second)
    await factsOf('shop-2.localhost')
    const third = run('shop', '--', 'node', 'server.cjs')
    expect(await third.ended).toBe(1)
    expect(third.stderr).toContain(`is there for the process ${first.child.pid}, which still runs`)
  })

  test('that is not there, or missing, leaves nothing behind', async () => {
    const unknown = run('--', 'no-such-program')
    expect(await unknown.ended).toBe(1)
    expect(unknown.stderr).toBe('The program "no-such-program" was not found.\nCheck its name.\n')
    expect(await run('shop').ended).toBe(2)
    expect(await run('shop', 'node', 'server.cjs').ended).toBe(2)
    expect(await apps()).toEqual([])
  })
})

test('without a gateway nothing is run', async () => {
  await box.run('stop')
  const running = run('--', 'node', 'server.cjs')
  expect(await running.ended).toBe(1)
  expect(running.stderr).toBe('Portico is not running with this data directory.\nStart it with: portico serve\n')
})

/** A zombie that nobody collects is not. */
async function isAlive(pid: number): Promise<boolean> {
  return (await processSystem(currentPlatform()).find([pid])).length > 0
}

async function freePort(): Promise<number> {
  const probe = net.createServer()
  await once(probe.listen(0, '127.0.0.1'), 'listening')
  const { port } = probe.address() as net.AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
