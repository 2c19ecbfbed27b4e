import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import WebSocket from 'ws'
import { matchesScrypt, parseScrypt } from '../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import type { RelayMessage } from '../../src/main/engine/tunnel/control-messages.js'
import { CLI, Sandbox, Server } from '../main/cli/portico.js'
import { PlayedRelay } from '../support/played-relay.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'
import { type SocketUpstream, startSocketUpstream } from '../support/websocket.js'

let box: Sandbox
let gateway: Server
let app: TestUpstream
let live: SocketUpstream

beforeAll(async () => {
  box = await Sandbox.make()
  box.env.PORTICO_TUNNEL_TOKEN = 'ptk_test'
  app = await startUpstream((request, response) => {
    if (request.url === '/login') response.writeHead(302, { location: `https://${request.headers.host}/form` }).end()
    else response.end(`shop says ${request.url}`)
  })
  live = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)))
  const backend = (port: number) => ({ upstream: { backends: [{ url: `http://127.0.0.1:${port}` }] } })
  const routes = [
    { path: '/live', ...backend(live.port) },
    { path: '/', ...backend(app.port) },
  ]
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps: [{ name: 'shop', routes }] }))
  gateway = await box.serve()
})

afterAll(async () => {
  await box.close()
  await app.close()
  await live.close()
})

function published(name: string, expires: string | null = null): RelayMessage {
  return { type: 'published', name, url: `https://${name}.relay.example`, expires }
}

async function startRelay(answer: (name: string) => RelayMessage | null): Promise<PlayedRelay> {
  const relay = await PlayedRelay.start({ answer: ({ name }) => answer(name) })
  onTestFinished(() => relay.kill().then(() => undefined))
  return relay
}

/** What a visitor of the public name gets. */
async function visit(relay: PlayedRelay, name: string, path: string): Promise<http.IncomingMessage & { text: string }> {
  const stream = await relay.open({ kind: 'app', name })
  const headers = { host: `${name}.relay.example`, connection: 'close' }
  const request = http.get({ path, headers, createConnection: () => stream as never })
  const [response] = (await within(once(request, 'response'), 'an answer')) as [http.IncomingMessage]
  return Object.assign(response, { text: await within(text(response), 'its body') })
}

test('an app is at the address that is printed, until a signal ends it; addresses of its own become public ones', async () => {
  const relay = await startRelay((name) => published(name))
  const sharing = new Server(box.spawn('share', 'shop', '--to', relay.url))
  await until(
    () => sharing.stdout !== '',
    () => `the address: ${sharing.stderr}`,
    15_000,
  )
  expect(sharing.stdout).toBe('https://shop.relay.example\n')
  expect(sharing.stderr).toBe(`Connected to ${relay.url} as of-the-token.\n`)
  expect((await relay.agent()).messages).toEqual([{ type: 'publish', name: 'shop', lifetimeMs: null, login: null }])
  expect((await visit(relay, 'shop', '/a?b=c')).text).toBe('shop says /a?b=c')
  expect(app.last().values('host')).toEqual([`shop.localhost:${gateway.httpsPort}`])
  expect((await visit(relay, 'shop', '/login')).headers.location).toBe('https://shop.relay.example/form')
  const logged = await box.run('logs', '--app', 'shop', '--json')
  expect(logged.stdout).toContain('"path":"/a?b=c"')
  for (const target of [
    { kind: 'tcp', host: '127.0.0.1', port: app.port } as const,
    { kind: 'app', name: 'x' } as const,
  ]) {
    await expect(relay.open(target)).rejects.toMatchObject({ name: 'TunnelError' })
  }
  sharing.child.kill('SIGINT')
  expect(await within(sharing.ended, 'its end')).toBe(0)
})

test('through a relay with a domain: the app is at its public name, and gone when sharing ends', async () => {
  const relayBox = await Sandbox.make()
  onTestFinished(() => relayBox.close())
  const gatewayDir = path.join(relayBox.dataDir, 'gateway')
  await mkdir(gatewayDir, { recursive: true })
  const config = { version: 1, listen: { http: 0 }, panel: { enabled: false } }
  await writeFile(path.join(gatewayDir, 'config.json'), JSON.stringify(config))
  const relay = new Server(relayBox.spawn('relay', 'serve', '--listen', '127.0.0.1:0', '--domain', 'relay.localhost'))
  await until(
    () => relay.stdout.includes('wss://'),
    () => `the relay: ${relay.stderr}`,
    20_000,
  )
  const url = /wss:\/\/[\w.:]+/.exec(relay.stdout)?.[0] ?? ''
  const { port } = new URL(url)
  const made = await relayBox.run('relay', 'token', 'create', '--agent', 'laptop')
  const token = /ptk_[\w-]+/.exec(made.stdout)?.[0] ?? ''
  const ca = path.join(gatewayDir, 'ca', 'ca.pem')
  const untrusted = await box.run('share', 'shop', '--to', url, '--token', token)
  expect(untrusted.code).toBe(1)
  expect(untrusted.stderr).toMatch(/^The relay is not trusted: .*\nName the file of the authority that signed it: --ca/)
  const sharing = new Server(box.spawn('share', 'shop', '--to', url, '--token', token, '--ca', ca))
  await until(
    () => sharing.stdout !== '',
    () => `the address: ${sharing.stderr}`,
    15_000,
  )
  const host = `shop.relay.localhost:${port}`
  expect(sharing.stdout).toBe(`https://${host}\n`)
  const visitIt = async (target: string) => {
    const servername = 'shop.relay.localhost'
    const options = { host: '127.0.0.1', port, servername, ca: await readFile(ca), agent: false as const }
    const request = https.get({ ...options, path: target, headers: { host } })
    const [response] = (await within(once(request, 'response'), 'an answer')) as [http.IncomingMessage]
    return { status: response.statusCode, location: response.headers.location, text: await text(response) }
  }
  expect(await visitIt('/hello')).toEqual({ status: 200, location: undefined, text: 'shop says /hello' })
  expect(app.last().values('host')).toEqual([`shop.localhost:${gateway.httpsPort}`])
  expect(app.last().values('x-forwarded-host')).toEqual([host])
  expect(await visitIt('/login')).toMatchObject({ status: 302, location: `https://${host}/form` })
  const trusted = { ca: await readFile(ca), servername: 'shop.relay.localhost', headers: { host } }
  const socket = new WebSocket(`wss://127.0.0.1:${port}/live`, trusted)
  socket.on('open', () => socket.send('hello'))
  const [answer] = await within(once(socket, 'message'), 'an answer by WebSocket')
  expect(String(answer)).toBe('you said hello')
  socket.terminate()
  sharing.child.kill('SIGTERM')
  expect(await within(sharing.ended, 'its end')).toBe(0)
  // Its name has no certificate any more.
  const gone = () =>
    visitIt('/hello').then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ERR_TLS_CERT_ALTNAME_INVALID',
    )
  await until(gone, 'the app is gone')
})

test('it ends when its time is over, and is asked for with that time, another name and a password', async () => {
  const relay = await startRelay((name) => published(name, new Date(Date.now() + 60_000).toISOString()))
  const words = [
    'share',
    'shop',
    '--to',
    relay.url,
    '--name',
    'preview',
    '--expires',
    '8h',
    '--password',
    '--user',
    'ann',
  ]
  const child = spawn(process.execPath, [CLI, ...words, '--data-dir', box.dataDir], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...box.env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdin.end('secret\n')
  const [out, err] = [text(child.stdout), text(child.stderr)]
  const ended = once(child, 'close')
  const { link, messages } = await relay.agent()
  await until(() => messages.length === 1, 'it asks for the name')
  const [asked] = messages as { lifetimeMs: number; login: { user: string; passwordHash: string } }[]
  expect(asked).toMatchObject({ type: 'publish', name: 'preview', login: { user: 'ann' } })
  expect(asked?.lifetimeMs).toBeGreaterThan(8 * 3_600_000 - 60_000)
  const hash = parseScrypt(asked?.login.passwordHash ?? '')
  expect(hash !== null && (await matchesScrypt('secret', hash))).toBe(true)
  link.control({ type: 'unpublished', name: 'preview', reason: 'its time is over' })
  expect((await within(ended, 'its end'))[0]).toBe(0)
  expect(await out).toBe('https://preview.relay.example\n')
  expect(await err).toContain('https://preview.relay.example is no longer there: its time is over.')
})

test('what cannot be shared is told with what to do', async () => {
  const relay = await startRelay((name) => ({ type: 'refused', name, reason: 'The name is taken.' }))
  const outcomes = await Promise.all([
    box.run('share', 'shop', '--to', relay.url),
    box.run('share', 'nobody', '--to', relay.url),
    box.run('share', 'shop'),
    box.run('share', 'shop', '--to', relay.url, '--expires', 'soon'),
    box.run('share', 'shop', '--to', relay.url, '--name', 'No_Name'),
  ])
  expect(outcomes.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
    [1, 1, 2, 2, 2].map((code) => ({ code, stdout: '' })),
  )
  expect(outcomes.map(({ stderr }) => stderr.split('\n').slice(-3)[0])).toEqual([
    'The relay does not publish "shop": The name is taken.',
    'There is no app "nobody".',
    'There is no relay to share the app by.',
    '"soon" is no time to live.',
    '"No_Name" cannot be published.',
  ])
})
