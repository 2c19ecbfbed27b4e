import { randomBytes, scryptSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { tokenWishSchema } from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { splice } from '../../src/main/engine/tunnel/splice.js'
import { hostRelay } from '../../src/main/host/host-relay.js'
import { type PlayedAgent, playAgent } from './relay.js'
import { until, within } from './wait.js'

/**
 * A relay with a domain, all of it in this process.
 *
 * @param given of its gateway's config
 */
export async function startPublishing(given: object = {}, domain = 'relay.localhost') {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-publish-'))
  const gateway = path.join(dataDir, 'gateway')
  await mkdir(gateway)
  const config = { version: 1, listen: { http: 0 }, panel: { enabled: false }, ...given }
  await writeFile(path.join(gateway, 'config.json'), JSON.stringify(config))
  const place = { host: '127.0.0.1', port: 0, tls: null, domain }
  const hosted = await hostRelay({ dataDir, ...place, limits: {} })
  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= hosted.close()
    return closing
  }
  onTestFinished(async () => {
    await close()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  const ca = await readFile(path.join(gateway, 'ca', 'ca.pem'), 'utf8')
  const port = Number(new URL(hosted.url).port)
  const token = (agent: string) => hosted.relay.createToken(tokenWishSchema.parse({ client_id: agent }))
  return { ...hosted, close, ca, port, token, dataDir }
}

export type Publishing = Awaited<ReturnType<typeof startPublishing>>

/** An agent whose apps are all one HTTP server. */
export async function showApp(
  relay: Publishing,
  appPort: number,
  agent = 'laptop',
  token?: string,
): Promise<PlayedAgent> {
  const access = token ?? (await relay.token(agent)).token
  const options = { ca: relay.ca, servername: new URL(relay.url).hostname, lookup: toLoopback }
  return playAgent(relay.url, access, {
    agent,
    socket: options,
    open: (stream, _, link) => {
      const socket = net.connect({ host: '127.0.0.1', port: appPort, allowHalfOpen: true })
      link.accept(stream)
      splice(socket, stream, () => {})
    },
  })
}

export async function publish(agent: PlayedAgent, name: string, wish: object = {}): Promise<Record<string, unknown>> {
  const before = agent.messages.length
  agent.link.control({ type: 'publish', name, lifetimeMs: null, login: null, ...wish })
  const answer = () => agent.messages.slice(before).find((one) => (one as { name?: string }).name === name)
  await until(answer, 'an answer', 10_000)
  return answer() as Record<string, unknown>
}

export async function visit(relay: Publishing, host: string, target = '/', headers: Record<string, string> = {}) {
  const options = { host: '127.0.0.1', port: relay.port, servername: host, ca: relay.ca, agent: false as const }
  const request = https.get({ ...options, path: target, headers: { host: `${host}:${relay.port}`, ...headers } })
  const [response] = (await within(once(request, 'response'), 'an answer', 10_000)) as [IncomingMessage]
  return { status: response.statusCode, body: await text(response) }
}

export async function startApp(name = 'app'): Promise<number> {
  const server = http.createServer((request, response) => {
    if (request.url === '/fields') response.end(JSON.stringify(Object.keys(request.headers)))
    else if (request.url === '/long') response.end('x'.repeat(100_000))
    else response.end(`${request.url} for ${request.headers['x-forwarded-host'] ?? request.headers.host} by ${name}`)
  })
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export async function audit({ dataDir }: Publishing): Promise<Record<string, unknown>[]> {
  const lines = (await readFile(path.join(dataDir, 'audit.log'), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** Of a password, as `portico hash-password` does, but cheap: visits check it again and again. */
export function quickHash(password: string): string {
  const salt = randomBytes(16)
  const hash = scryptSync(password, salt, 32, { cost: 2 ** 10, blockSize: 8, parallelization: 1 })
  const [saltText, hashText] = [salt, hash].map((bytes) => bytes.toString('base64').replaceAll('=', ''))
  return `$scrypt$ln=10,r=8,p=1$${saltText}$${hashText}`
}

/** As a resolver would that knows the domain. */
export const toLoopback: net.LookupFunction = (_, { all }, done) => {
  if (all === true) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}
