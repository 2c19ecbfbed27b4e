import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { statusSchema } from '../../../src/shared/contract.js'
import { Sandbox, type Server } from './portico.js'

let box: Sandbox
const ends: (() => unknown)[] = []

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await box.close()
})

/** An app that answers when it is told to. */
async function slowApp(): Promise<{ port: number; asked: Promise<unknown>; answer: () => void }> {
  const answers: http.ServerResponse[] = []
  const server = http.createServer((_, response) => answers.push(response))
  const asked = once(server, 'request')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close().closeAllConnections())
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    answer: () => {
      for (const response of answers) response.end('done')
    },
  }
}

async function get(server: Server, ca: string, host = 'shop.localhost'): Promise<string> {
  const request = https.get({
    host: '127.0.0.1',
    port: server.httpsPort,
    servername: host,
    headers: { host },
    ca,
    agent: false,
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return (await response.toArray()).join('')
}

const caOf = () => readFile(path.join(box.dataDir, 'ca', 'ca.pem'), 'utf8')

describe('portico serve', () => {
  test('says where it listens, how to trust it and how to add the first app, and serves at once', async () => {
    const begun = performance.now()
    const server = await box.serve()
    const response = await get(server, await caOf()).catch((error: Error) => error.message)
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(response).not.toBe('')
    expect(server.stdout).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/m)
    expect(server.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/m)
    expect(server.stdout).toContain(`curl --cacert ${path.join(box.dataDir, 'ca', 'ca.pem')} https://shop.localhost:`)
    expect(server.stdout).toMatch(/trust it, once: .* ca install\n/)
    expect(server.stdout).toContain(`portico --data-dir ${box.dataDir} app add shop --port 3000`)
    expect(server.stderr).toBe('')
  })

  test('answers status as the contract has it, to people and to programs', async () => {
    await box.serve()
    const status = statusSchema.parse(JSON.parse((await box.run('status', '--json')).stdout))
    expect(status).toMatchObject({ state: 'running', apps: [], configError: null, dataDir: box.dataDir })
    expect(status.listeners.map(({ protocol }) => protocol)).toContain('https')
    const { stdout, code } = await box.run('status')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Portico \d+\.\d+\.\d+ is running \(process \d+, up/)
    expect(stdout).toContain(`Config: ${box.configFile}`)
  })

  test('keeps its socket and data to itself', async () => {
    await box.serve()
    const modes = await Promise.all(
      [box.dataDir, path.join(box.dataDir, 'control.sock')].map(async (file) => (await stat(file)).mode & 0o777),
    )
    expect(modes.map((mode) => mode.toString(8))).toEqual(['700', '600'])
  })

  test('refuses a second one on the same data directory and names the first', async () => {
    const server = await box.serve()
    const { code, stdout, stderr } = await box.runWithConfig('serve', '--https-port', '0', '--http-port', '0')
    expect(code).toBe(1)
    expect(stdout).toBe('')
    const [message, hint] = stderr.split('\n')
    expect(message).toContain(`(process ${server.child.pid})`)
    expect(hint).toContain('portico stop')
  })

  test('of several started at once exactly one runs', async () => {
    const ports = ['--https-port', '0', '--http-port', '0', '--config', box.configFile]
    const all = Array.from({ length: 4 }, () => box.spawn('serve', ...ports))
    const codes: (number | null)[] = []
    for (const child of all) {
      child.stdout.resume()
      child.stderr.resume()
      child.on('close', (code) => codes.push(code))
    }
    await expect.poll(() => codes.length, { timeout: 20_000 }).toBe(3)
    expect(codes).toEqual([1, 1, 1])
    await expect.poll(async () => (await box.run('status')).code, { timeout: 10_000 }).toBe(0)
    expect((await box.run('stop')).code).toBe(0)
    await expect.poll(() => codes).toEqual([1, 1, 1, 0])
  })

  test('takes over from one that was killed', async () => {
    const first = await box.serve()
    first.child.kill('SIGKILL')
    await first.ended
    expect((await box.run('status')).stderr).toContain('Portico is not running')
    await box.serve()
    expect((await box.run('status')).code).toBe(0)
  })

  test('says in one sentence which port is taken when it may not use another', async () => {
    const taken = net.createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    ends.push(() => taken.close())
    const { port } = taken.address() as AddressInfo
    const args = ['serve', '--bind', '127.0.0.1', '--https-port', String(port), '--http-port', '0']
    const { code, stderr } = await box.runWithConfig(...args)
    expect(code).toBe(1)
    expect(stderr.split('\n')[0]).toContain(String(port))
    expect(stderr).not.toMatch(/^\s+at /m)
    expect((await box.runWithConfig('serve', '--bind', '127.0.0.1', '--https-port', String(port))).code).toBe(1)
  })

  test('shows an edit of the config file that is refused, and its correction', async () => {
    const server = await box.serve()
    await writeFile(box.configFile, '{"version":1,"apps":[{"name":"shop","port":0}]}')
    await expect.poll(() => server.stderr, { timeout: 10_000 }).toContain('apps[0].port')
    const status = JSON.parse((await box.run('status', '--json')).stdout)
    expect(status.configError.problems[0].path).toBe('apps[0].port')
    await writeFile(box.configFile, '{"version":1,"apps":[{"name":"shop","port":3000}]}')
    await expect.poll(() => server.stderr, { timeout: 10_000 }).toContain('is valid again')
  })

  test('goes on serving when nobody reads its output any more', async () => {
    const server = await box.serve()
    server.child.stdout.destroy()
    server.child.stderr.destroy()
    await box.run('app', 'add', 'shop', '--port', '3000')
    expect((await box.run('status')).code).toBe(0)
  })

  test('uses no more than 90 MB when idle', async () => {
    const server = await box.serve()
    const resident = async () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024
    await expect.poll(resident, { timeout: 10_000 }).toBeLessThan(90)
  })
})

describe('portico serve ends with code 0', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('at %s, when the requests under way are done', async (signal) => {
    const app = await slowApp()
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', String(app.port))
    const response = get(server, await caOf())
    await app.asked
    server.child.kill(signal)
    await expect.poll(() => server.stderr).toContain('Stopping')
    app.answer()
    expect(await response).toBe('done')
    expect(await server.ended).toBe(0)
    await expect(stat(path.join(box.dataDir, 'control.sock'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('at once at the second signal', async () => {
    const app = await slowApp()
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', String(app.port))
    const response = get(server, await caOf()).catch((error: NodeJS.ErrnoException) => error.code)
    await app.asked
    server.child.kill('SIGTERM')
    await expect.poll(() => server.stderr).toContain('Stopping')
    const insisted = performance.now()
    server.child.kill('SIGTERM')
    expect(await server.ended).toBe(0)
    expect(performance.now() - insisted).toBeLessThan(2_000)
    expect(await response).toBe('ECONNRESET')
  })

  test('after portico stop, which returns when the next one can start', async () => {
    const server = await box.serve()
    expect(await box.run('stop')).toEqual({ code: 0, stdout: 'Portico has stopped.\n', stderr: '' })
    await box.serve()
    expect(await server.ended).toBe(0)
  })
})
