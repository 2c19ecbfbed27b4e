import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TokenMade } from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { tokenWishSchema } from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { hostRelay } from '../../src/main/host/host-relay.js'
import { within } from './wait.js'

export interface Visit {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** A relay with the domain `relay.localhost` in this process, with a certificate of its own authority. */
export interface PublishingRelay {
  /** wss://relay.localhost:PORT */
  url: string
  port: number
  /** PEM of who signed its certificate */
  ca: string
  dataDir: string
  token(wish?: object): Promise<TokenMade>
  revoke(id: string): Promise<void>
  /** What a visitor of NAME.relay.localhost gets. */
  visit(name: string, target?: string, headers?: Record<string, string>): Promise<Visit>
  /** A visitor's WebSocket that is still connecting. */
  connect(name: string, target: string): WebSocket
  /** names that are published now */
  published(): Promise<string[]>
  /** For good. */
  close(): Promise<void>
}

export async function startPublishingRelay(): Promise<PublishingRelay> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-publishing-'))
  const gateway = path.join(dataDir, 'gateway')
  await mkdir(gateway)
  const config = { version: 1, listen: { http: 0 }, panel: { enabled: false } }
  await writeFile(path.join(gateway, 'config.json'), JSON.stringify(config))
  const hosted = await hostRelay({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    domain: 'relay.localhost',
    limits: {},
  })
  const port = Number(new URL(hosted.url).port)
  const ca = await readFile(path.join(gateway, 'ca', 'ca.pem'), 'utf8')
  const place = (name: string) => ({ host: '127.0.0.1', port, servername: `${name}.relay.localhost`, ca })
  return {
    url: `wss://relay.localhost:${port}`,
    port,
    ca,
    dataDir,
    token: (wish = {}) => hosted.relay.createToken(tokenWishSchema.parse({ client_id: 'laptop', ...wish })),
    revoke: async (id) => void (await hosted.relay.revokeToken(id)),
    visit: (name, target = '/', headers = {}) =>
      within(
        new Promise<Visit>((resolve, reject) => {
          const host = `${name}.relay.localhost:${port}`
          const options = { ...place(name), path: target, agent: false as const, headers: { host, ...headers } }
          const request = https.get(options, (response) => {
            const { statusCode = 0, headers: fields } = response
            text(response).then((body) => resolve({ status: statusCode, headers: fields, text: body }), reject)
          })
          request.on('error', reject)
        }),
        'an answer to a visitor',
        10_000,
      ),
    connect: (name, target) => {
      const headers = { host: `${name}.relay.localhost:${port}` }
      const socket = new WebSocket(`wss://127.0.0.1:${port}${target}`, { ...place(name), headers })
      socket.on('error', () => {})
      onTestFinished(() => socket.terminate())
      return socket
    },
    published: async () => (await hosted.relay.status()).published.map(({ name }) => name),
    close: async () => {
      await hosted.close()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
