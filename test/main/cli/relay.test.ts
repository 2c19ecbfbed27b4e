import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addProxy, createToken } from '../../../src/main/cli/relay-commands.js'
import { bandwidth, duration, hostAndPort, portRange } from '../../../src/main/cli/relay-options.js'
import { serveRelay } from '../../../src/main/cli/relay-serve.js'
import { makeCertificate } from '../../support/certificate.js'
import { ask, playAgent, startEcho } from '../../support/relay.js'
import { until } from '../../support/wait.js'
import { Sandbox, Server } from './portico.js'

let box: Sandbox

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(async () => {
  await box.close()
})

/** A relay that runs, and where agents connect to it. */
async function serve(...args: string[]): Promise<{ server: Server; url: string }> {
  const server = new Server(box.spawn('relay', 'serve', ...args))
  await until(() => server.stdout.includes('audit log') || server.child.exitCode !== null, 'the relay runs', 15_000)
  return { server, url: /wss?:\/\/\S+/.exec(server.stdout)?.[0] ?? `none: ${server.stderr}` }
}

const tokenOf = async (...args: string[]) => (await box.run('relay', 'token', 'create', ...args)).stdout.trim()

test('a relay from its first token to its end: what is made before it runs, and while it does, is one', async () => {
  const early = await box.run('relay', 'token', 'create', '--agent', 'laptop')
  expect(early).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ptk_[\w-]{43}\n$/) })
  expect(early.stderr).toMatch(/^This is token [0-9a-f]{12}\. It is not shown again\.\n$/)
  const echo = await startEcho()
  const { server, url } = await serve('--listen', '127.0.0.1:0')
  expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/agent$/)
  expect((await stat(path.join(box.dataDir, 'relay.sock'))).mode & 0o777).toBe(0o600)
  const agent = await playAgent(url, early.stdout.trim())

  const added = await box.run(
    'relay',
    'proxy',
    'add',
    '--agent',
    'laptop',
    '--local-port',
    '0',
    '--to',
    `127.0.0.1:${echo.port}`,
  )
  expect(added.stdout).toMatch(/^127\.0\.0\.1:\d+\n$/)
  const port = Number(added.stdout.trim().split(':')[1])
  expect(await ask(port, 'hello')).toBe('hello')
  const [proxy] = JSON.parse((await box.run('relay', 'proxy', 'list', '--json')).stdout)
  expect(proxy).toMatchObject({ client_id: 'laptop', local_port: port, state: 'listening', agents: 1 })
  expect((await box.run('relay', 'proxy', 'list')).stdout).toMatch(
    new RegExp(`${proxy.id} +127.0.0.1:${port} +laptop .* works`),
  )
  const status = JSON.parse((await box.run('relay', 'status', '--json')).stdout)
  expect(status).toMatchObject({
    url,
    agents: [{ client_id: 'laptop' }],
    stats: [{ total: 1, bytes_in: 5, bytes_out: 5 }],
  })
  expect((await box.run('relay', 'status')).stdout).toContain(`Agents connect to ${url}`)

  const [token] = JSON.parse((await box.run('relay', 'token', 'list', '--json')).stdout)
  expect(await box.run('relay', 'token', 'revoke', token.id)).toMatchObject({ code: 0 })
  expect(await agent.closed).toBe(4003)
  expect((await box.run('relay', 'proxy', 'remove', proxy.id)).stdout).toBe(`Proxy ${proxy.id} is removed.\n`)
  expect((await box.run('relay', 'proxy', 'list')).stdout).toMatch(/^No proxies\./)

  const second = await box.run('relay', 'serve', '--listen', '127.0.0.1:0')
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('already running') })
  server.child.kill('SIGTERM')
  expect(await server.ended).toBe(0)
  const audit = await readFile(path.join(box.dataDir, 'audit.log'), 'utf8')
  const events = audit
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).event)
  expect(events.at(0)).toBe('relay-started')
  expect(events.at(-1)).toBe('relay-stopped')
  for (const event of ['agent-connected', 'proxy-created', 'connection-opened', 'connection-closed', 'token-revoked']) {
    expect(events).toContain(event)
  }
  expect(audit).not.toContain('ptk_')
})

test('without a relay that runs, its files are changed, and status says that none does', async () => {
  const token = [
    '--agent',
    'laptop',
    '--ports',
    '9000-9099',
    '--expires',
    '24h',
    '--bandwidth',
    '10MB',
    '--connections',
    '5',
  ]
  expect(await tokenOf(...token)).toMatch(/^ptk_/)
  const [listed] = JSON.parse((await box.run('relay', 'token', 'list', '--json')).stdout)
  expect(listed).toMatchObject({ ports: { from: 9000, to: 9099 }, max_bandwidth: 10 * 1024 ** 2, max_connections: 5 })
  const left = Date.parse(listed.expires_at) - Date.now()
  expect(Math.round(left / 3_600_000)).toBe(24)
  const added = await box.run('relay', 'proxy', 'add', '--agent', 'laptop', '--local-port', '9000', '--to', 'db:5432')
  expect(added).toMatchObject({
    code: 0,
    stdout: '127.0.0.1:9000\n',
    stderr: expect.stringContaining('when the relay is started'),
  })
  const outside = await box.run('relay', 'proxy', 'add', '--agent', 'laptop', '--local-port', '80', '--to', 'db:5432')
  expect(outside).toMatchObject({ code: 1, stderr: expect.stringContaining('ports 9000 to 9099') })
  expect((await box.run('relay', 'token', 'list')).stdout).toMatch(/laptop +9000-9099 /)
  expect(await box.run('relay', 'status')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^No relay is running/),
  })
})

test('beyond the loopback a relay serves with TLS or not at all', async () => {
  const bare = await box.run('relay', 'serve', '--listen', '0.0.0.0:0')
  expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('--domain') })
  const half = await box.run('relay', 'serve', '--listen', '127.0.0.1:0', '--cert', 'x.pem')
  expect(half).toMatchObject({ code: 2 })
  const missing = await box.run('relay', 'serve', '--listen', '127.0.0.1:0', '--cert', 'x.pem', '--key', 'y.pem')
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('x.pem can not be read') })
  const { cert, key, remove } = makeCertificate('DNS:relay.test')
  await writeFile(path.join(box.base, 'relay.pem'), cert)
  await writeFile(path.join(box.base, 'relay-key.pem'), key)
  remove()
  const admin = await tokenOf('--admin')
  const { server, url } = await serve('--listen', '0.0.0.0:0', '--cert', 'relay.pem', '--key', 'relay-key.pem')
  expect(url).toMatch(/^wss:\/\/0\.0\.0\.0:\d+\/agent$/)
  const port = Number(new URL(url).port)
  const options = {
    host: '127.0.0.1',
    port,
    path: '/api/status',
    ca: cert,
    servername: 'relay.test',
    agent: false as const,
  }
  const request = https.get({ ...options, headers: { authorization: `Bearer ${admin}` } })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  expect(JSON.parse(await text(response))).toMatchObject({ url, tokens: 1 })
  const renewed = makeCertificate('DNS:relay.test')
  await writeFile(path.join(box.base, 'relay-key.pem'), renewed.key)
  await writeFile(path.join(box.base, 'relay.pem'), renewed.cert)
  renewed.remove()
  await until(() => server.stderr.includes('relay.pem is read again'), 'the relay has seen it', 10_000)
  const again = https.get({ ...options, ca: renewed.cert, headers: { authorization: `Bearer ${admin}` } })
  expect(((await once(again, 'response')) as [http.IncomingMessage])[0].statusCode).toBe(200)
  // In the clear there is nothing to be had.
  const [error] = await once(http.get({ host: '127.0.0.1', port, agent: false }), 'error')
  expect((error as NodeJS.ErrnoException).code).toMatch(/ECONNRESET|HPE_/)
})

test.each([
  ['serve', () => serveRelay({ listen: '8443' })],
  ['token create', () => createToken({})],
  ['token create --agent', () => createToken({ agent: 'not an id' })],
  ['token create --ports', () => createToken({ agent: 'laptop', ports: '9-1' })],
  ['token create --expires', () => createToken({ agent: 'laptop', expires: 'tomorrow' })],
  ['token create --bandwidth', () => createToken({ agent: 'laptop', bandwidth: '3' })],
  ['proxy add --local-port', () => addProxy({ agent: 'laptop', localPort: '70000', to: 'db:1' })],
  ['proxy add --to', () => addProxy({ agent: 'laptop', localPort: '9000', to: 'db' })],
  ['proxy add --bind', () => addProxy({ agent: 'laptop', localPort: '9000', to: 'db:1', bind: 'name.test' })],
])('an invalid %s is refused before anything is done', async (_, command) => {
  await expect(command()).rejects.toMatchObject({ code: 'usage', hint: expect.any(String) })
})

test('rates, durations and ranges are read as people write them', () => {
  expect(['2048', '500KB', '10MB', '1.5 MiB/s', '1g'].map((rate) => bandwidth('--bandwidth', rate))).toEqual([
    2048,
    500 * 1024,
    10 * 1024 ** 2,
    1.5 * 1024 ** 2,
    1024 ** 3,
  ])
  expect(duration('--expires', '30d')).toBe(30 * 86_400_000)
  expect([portRange('--ports', '9000'), portRange('--ports', '9000-9099')]).toEqual([
    { from: 9000, to: 9000 },
    { from: 9000, to: 9099 },
  ])
  expect(hostAndPort('--to', '[::1]:5432')).toEqual({ host: '::1', port: 5432 })
})

test('a relay that starts while tokens are being made waits for them, and they for it', async () => {
  const [relay, ...tokens] = await Promise.all([
    serve('--listen', '127.0.0.1:0'),
    ...['one', 'two', 'three'].map((agent) => box.run('relay', 'token', 'create', '--agent', agent)),
  ])
  expect(tokens.map(({ code }) => code)).toEqual([0, 0, 0])
  expect(relay.url).toMatch(/^ws:/)
  const listed = JSON.parse((await box.run('relay', 'token', 'list', '--json')).stdout) as { client_id: string }[]
  expect(listed.map(({ client_id }) => client_id).sort()).toEqual(['one', 'three', 'two'])
})

test('a relay that is killed leaves what the next one starts from', async () => {
  const token = await tokenOf('--agent', 'laptop')
  const echo = await startEcho()
  const first = await serve('--listen', '127.0.0.1:0')
  const added = await box.run(
    'relay',
    'proxy',
    'add',
    '--agent',
    'laptop',
    '--local-port',
    '0',
    '--to',
    `127.0.0.1:${echo.port}`,
  )
  first.server.child.kill('SIGKILL')
  await first.server.ended
  const { url } = await serve('--listen', '127.0.0.1:0')
  await playAgent(url, token)
  expect(await ask(Number(added.stdout.trim().split(':')[1]), 'again')).toBe('again')
})
