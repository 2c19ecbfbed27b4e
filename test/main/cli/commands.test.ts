import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exchangeEntrySchema } from '../../../src/shared/contract.js'
import { finish, Sandbox, type Server } from './portico.js'

let box: Sandbox
const ends: (() => unknown)[] = []

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
  await box.close()
})

async function appOnPort(): Promise<string> {
  const server = http.createServer((_, response) => response.end('hello'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  ends.push(() => server.close().closeAllConnections())
  return String((server.address() as AddressInfo).port)
}

/** Asks the gateway for a path of a host; the HTTP port would only redirect, so this goes to HTTPS. */
async function visit(server: Server, host: string, target: string): Promise<number> {
  const { httpsPort: port } = server
  const request = https.get({
    host: '127.0.0.1',
    port,
    path: target,
    servername: host,
    headers: { host },
    agent: false,
    rejectUnauthorized: false,
  })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  await response.toArray()
  return response.statusCode ?? 0
}

describe('with a running gateway', () => {
  test('apps are added, listed, disabled, enabled and removed', async () => {
    const server = await box.serve()
    const port = await appOnPort()
    const url = `https://shop.localhost:${server.httpsPort}`
    expect(await box.run('app', 'add', 'shop', '--port', port)).toEqual({ code: 0, stdout: `${url}\n`, stderr: '' })
    expect(await visit(server, 'shop.localhost', '/')).toBe(200)
    const listed = await box.run('app', 'list', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'shop', enabled: true, urls: [url] }])
    expect((await box.run('app', 'list')).stdout).toContain(url)

    expect((await box.run('app', 'disable', 'shop')).stdout).toBe('shop is disabled.\n')
    expect(await visit(server, 'shop.localhost', '/')).toBeGreaterThanOrEqual(400)
    expect((await box.run('app', 'enable', 'shop')).stdout).toBe('shop is enabled.\n')
    expect(await visit(server, 'shop.localhost', '/')).toBe(200)
    expect((await box.run('app', 'remove', 'shop')).stdout).toBe('shop is removed.\n')
    expect(JSON.parse((await box.run('app', 'list', '--json')).stdout)).toEqual([])
    expect(JSON.parse(await readFile(box.configFile, 'utf8'))).toMatchObject({ apps: [] })
  })

  test('a directory is served from where the command was given', async () => {
    const server = await box.serve()
    await mkdir(path.join(box.base, 'site'))
    await writeFile(path.join(box.base, 'site', 'index.html'), '<h1>docs</h1>')
    expect((await box.run('app', 'add', 'docs', '--static', './site', '--spa')).code).toBe(0)
    expect(await visit(server, 'docs.localhost', '/')).toBe(200)
  })

  test('what is refused says why and what to do, and changes nothing', async () => {
    await box.serve()
    await box.run('app', 'add', 'shop', '--port', '3000')
    const before = await readFile(box.configFile, 'utf8')
    for (const args of [
      ['app', 'add', 'shop', '--port', '3001'],
      ['app', 'add', 'other', '--port', '3001', '--host', 'shop.localhost'],
      ['app', 'remove', 'nothing'],
      ['app', 'disable', 'nothing'],
    ]) {
      const { code, stdout, stderr } = await box.run(...args)
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' })
      expect(stderr.trimEnd().split('\n')).toHaveLength(2)
    }
    expect(await readFile(box.configFile, 'utf8')).toBe(before)
  })

  test('another config file than the one that is served is refused', async () => {
    await box.serve()
    expect((await box.runWithConfig('app', 'add', 'shop', '--port', '3000')).code).toBe(0)
    const { code, stderr } = await box.run('app', 'list', '--config', path.join(box.base, 'other.json'))
    expect(code).toBe(1)
    expect(stderr).toContain(`serves ${box.configFile}, not`)
  })

  test('logs show one line per request, of all apps or of one', async () => {
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', await appOnPort())
    await box.run('app', 'add', 'api', '--port', await appOnPort())
    await visit(server, 'shop.localhost', '/cart?x=1')
    await visit(server, 'api.localhost', '/v1')
    const all = (await box.run('logs')).stdout.trimEnd().split('\n')
    expect(all).toHaveLength(2)
    expect(all[0]).toMatch(/ 200 {2}GET shop\.localhost\/cart\?x=1 {2}/)
    const ofOne = (await box.run('logs', '--json', '--app', 'api')).stdout.trimEnd().split('\n')
    expect(ofOne.map((line) => exchangeEntrySchema.parse(JSON.parse(line)).path)).toEqual(['/v1'])
  })

  test('logs --follow goes on with each new request until it is interrupted', async () => {
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', await appOnPort())
    await visit(server, 'shop.localhost', '/before')
    const follower = box.spawn('logs', '--follow', '--json', '--app', 'shop')
    const lines = createInterface(follower.stdout)[Symbol.asyncIterator]()
    const next = async () => JSON.parse(String((await lines.next()).value)).path
    expect(await next()).toBe('/before')
    await visit(server, 'shop.localhost', '/after')
    expect(await next()).toBe('/after')
    follower.kill('SIGINT')
    const [code] = await once(follower, 'close')
    expect(code).toBe(0)
  })

  test('logs --follow ends quietly when its reader has seen enough, and with a word when the gateway stops', async () => {
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', await appOnPort())
    await visit(server, 'shop.localhost', '/')
    const head = box.spawn('logs', '--follow')
    await once(head.stdout, 'data')
    head.stdout.destroy()
    await visit(server, 'shop.localhost', '/more')
    const [code] = await once(head, 'close')
    expect(code).toBe(0)

    const follower = box.spawn('logs', '--follow')
    const outcome = finish(follower)
    await once(follower.stdout, 'readable')
    await box.run('stop')
    expect(await outcome).toMatchObject({ code: 1, stderr: 'Portico has stopped.\nStart it with: portico serve\n' })
  })

  test('reload applies a valid file and refuses another with every reason', async () => {
    await box.serve()
    await writeFile(box.configFile, '{"version":1,"apps":[{"name":"shop","port":3000}]}')
    expect(await box.run('reload')).toEqual({ code: 0, stdout: 'The config file is applied.\n', stderr: '' })
    await writeFile(box.configFile, '{"version":1,"apps":[{"name":"shop","port":"x"},{"name":"B","port":1}]}')
    const { code, stderr } = await box.run('reload')
    expect(code).toBe(1)
    expect(stderr).toContain('apps[0].port')
    expect(stderr).toContain('apps[1].name')
    expect(JSON.parse((await box.run('app', 'list', '--json')).stdout)).toMatchObject([{ name: 'shop' }])
  })

  test('pause frees the ports, resume takes them again, and refuses while another has them', async () => {
    const free = http.createServer()
    await once(free.listen(0, '127.0.0.1'), 'listening')
    const { port } = free.address() as AddressInfo
    await new Promise((resolve) => free.close(resolve))
    await box.serve('--bind', '127.0.0.1', '--https-port', String(port), '--http-port', '0')
    expect(await box.run('pause')).toMatchObject({ code: 0, stderr: '' })
    expect((await box.run('status')).stdout).toContain('Turn it on with: portico resume')
    const other = http.createServer()
    await once(other.listen(port, '127.0.0.1'), 'listening')
    const refused = await box.run('resume')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`Port ${port} is taken by`)
    expect(JSON.parse((await box.run('status', '--json')).stdout)).toMatchObject({ state: 'paused', listeners: [] })
    await new Promise((resolve) => other.close(resolve))
    const resumed = await box.run('resume')
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toContain(`https://127.0.0.1:${port}`)
  })

  test('cert lists each host with its certificate, and renews one', async () => {
    const server = await box.serve()
    await box.run('app', 'add', 'shop', '--port', '1')
    const rows = async () => JSON.parse((await box.run('cert', 'list', '--json')).stdout) as { host: string }[]
    const shop = async () => (await rows()).find(({ host }) => host === 'shop.localhost')
    const missing = { host: 'shop.localhost', source: 'local', issuer: null, notAfter: null, state: 'missing' }
    expect(await shop()).toEqual({ ...missing, lastError: null })
    await visit(server, 'shop.localhost', '/')
    expect(await shop()).toMatchObject({ state: 'valid', issuer: expect.stringContaining('Portico') })
    const renewed = await box.run('cert', 'renew', 'shop.localhost')
    expect(renewed).toMatchObject({ code: 0, stderr: '' })
    expect(renewed.stdout).toMatch(/^shop\.localhost has a new certificate, valid until \d{4}-\d\d-\d\d\.\n$/)
    expect((await box.run('cert', 'list')).stdout).toMatch(/^shop\.localhost +valid +until .* local: /m)
    expect(await box.run('cert', 'renew', 'none.test')).toMatchObject({
      code: 1,
      stderr: 'Nothing answers to none.test.\nSee the names with: portico cert list\n',
    })
  })

  test('ca and config tell where things are', async () => {
    await box.serve()
    const file = path.join(box.dataDir, 'ca', 'ca.pem')
    expect((await box.run('ca', 'path')).stdout).toBe(`${file}\n`)
    expect((await box.run('ca', 'print')).stdout).toBe(await readFile(file, 'utf8'))
    expect((await box.run('ca', 'print')).stdout).not.toContain('PRIVATE')
    expect((await box.run('config', 'path')).stdout).toBe(`${box.configFile}\n`)
  })
})

describe('without a running gateway', () => {
  test.each([
    ['status'],
    ['status', '--json'],
    ['logs'],
    ['logs', '--follow'],
    ['logs', '--app', 'shop', '--output'],
    ['ps'],
    ['backends', '--json'],
    ['backends', 'drain', 'api', 'http://127.0.0.1:8000'],
    ['app', 'start', 'shop'],
    ['reload'],
    ['pause'],
    ['resume'],
    ['stop'],
  ])('%s %s says so and how to start it', async (...args) => {
    const stderr = 'Portico is not running with this data directory.\nStart it with: portico serve\n'
    expect(await box.run(...args)).toEqual({ code: 1, stdout: '', stderr })
  })

  test('apps are changed in the config file, and served at the next start', async () => {
    const added = await box.runWithConfig('app', 'add', 'shop', '--port', await appOnPort())
    expect(added).toMatchObject({ code: 0, stdout: 'https://shop.localhost\n' })
    expect(added.stderr).toBe(`Portico is not running: ${box.configFile} was changed and applies at the next start.\n`)
    expect((await box.runWithConfig('app', 'add', 'shop', '--port', '1')).code).toBe(1)
    expect((await box.runWithConfig('app', 'disable', 'shop')).stdout).toBe('shop is disabled.\n')
    const listed = await box.runWithConfig('app', 'list', '--json')
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'shop', enabled: false }])
    expect((await box.runWithConfig('app', 'enable', 'shop')).code).toBe(0)
    const server = await box.serve()
    expect(await visit(server, 'shop.localhost', '/')).toBe(200)
  })

  test('an app is removed from the config file, and one that is not there is not found', async () => {
    await box.runWithConfig('app', 'add', 'shop', '--to', 'http://127.0.0.1:8000', 'http://127.0.0.1:8001')
    expect(JSON.parse(await readFile(box.configFile, 'utf8')).apps[0].routes[0].upstream.backends).toHaveLength(2)
    expect((await box.runWithConfig('app', 'remove', 'shop')).code).toBe(0)
    expect((await box.runWithConfig('app', 'remove', 'shop')).code).toBe(1)
  })

  test('an invalid config file is not overwritten', async () => {
    await writeFile(box.configFile, '{"version":1,"apps":[')
    const { code, stderr } = await box.runWithConfig('app', 'add', 'shop', '--port', '3000')
    expect(code).toBe(1)
    expect(stderr).toContain('line 1')
    expect((await box.runWithConfig('app', 'list')).code).toBe(1)
    expect(await readFile(box.configFile, 'utf8')).toBe('{"version":1,"apps":[')
  })

  test('config check says every problem, and how many apps a valid file has', async () => {
    await writeFile(box.configFile, '{"version":1,"apps":[{"name":"shop","port":3000}]}')
    expect(await box.run('config', 'check', 'config.json')).toMatchObject({
      code: 0,
      stdout: 'config.json is valid: 1 app.\n',
    })
    await writeFile(box.configFile, '{"version":2,"apps":[{"name":"shop","routes":[{"path":"x","process":true}]}]}')
    const { code, stdout, stderr } = await box.run('config', 'check', 'config.json')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [message, hint, ...problems] = stderr.trimEnd().split('\n')
    expect(message).toMatch(/^config\.json has \d+ problems:$/)
    expect(hint).toContain('portico config check config.json')
    expect(problems.join('\n')).toContain('apps[0].routes[0].path: must begin with "/"')
    expect((await box.run('config', 'check', 'nothing.json')).code).toBe(1)
  })

  test('config schema is a JSON Schema, and config path the file that would be served', async () => {
    const schema = JSON.parse((await box.run('config', 'schema')).stdout)
    expect(schema).toMatchObject({ type: 'object', properties: { apps: {}, listen: {} } })
    expect((await box.runWithConfig('config', 'path')).stdout).toBe(`${box.configFile}\n`)
  })

  test('ca tells that there is none yet', async () => {
    const { code, stderr } = await box.run('ca', 'path')
    expect(code).toBe(1)
    expect(stderr).toContain('There is no local CA')
  })
})

describe('an invocation that is not valid', () => {
  test.each([
    [[]],
    [['app']],
    [['nonsense']],
    [['status', '--nonsense']],
    [['status', 'surplus']],
    [['app', 'add', 'shop']],
    [['app', 'add', 'shop', '--port', '0']],
    [['app', 'add', 'shop', '--port', '1', '--static', '.']],
    [['app', 'add', 'Not A Name', '--port', '1']],
    [['app', 'remove']],
    [['config', 'check']],
    [['serve', '--https-port', '65536']],
    [['serve', '--http-port', 'x']],
  ])('%s ends with code 2, a sentence and a hint', async (args) => {
    const { code, stdout, stderr } = await box.run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  })

  test('help and version are no errors', async () => {
    for (const args of [['--help'], ['app', 'add', '--help'], ['help', 'serve']]) {
      const { code, stdout, stderr } = await box.run(...args)
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
      expect(stdout).toContain('Usage: portico')
    }
    expect((await box.run('--help')).stdout).toContain('portico app add shop --port 3000')
    const { version } = JSON.parse(await readFile(path.resolve(import.meta.dirname, '../../../package.json'), 'utf8'))
    expect((await box.run('--version')).stdout).toBe(`${version}\n`)
  })
})
