import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { Socket } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import WebSocket from 'ws'
import type { EngineOptions } from '../../src/main/engine/engine.js'
import { type ClientRequest, type ClientResponse, HTTP1, HTTP2, type ProtocolClient } from './client.js'
import { startGateway, type TestConfig, type TestGateway } from './gateway.js'
import { connectH2 } from './h2-client.js'
import { StreamSocket } from './stream-socket.js'
import { within } from './wait.js'
import { overHttp1 } from './websocket.js'

export const HOST = 'portico.localhost'
export const INDEX = '<!doctype html><title>Portico</title><script type="module" src="./assets/app.js"></script>'

/** A gateway with its panel, and what a browser would do with it. */
export interface TestPanel {
  readonly gateway: TestGateway
  readonly origin: string
  get(request?: ClientRequest, protocol?: ProtocolClient): Promise<ClientResponse>
  /** Follows a fresh link. @returns the Cookie field of a browser that is logged in */
  login(): Promise<string>
  /** What `connect` sends by itself: the cookie, and the panel's own origin. */
  own(cookie: string): Record<string, string>
  /** A WebSocket to the API that is still connecting. */
  connect(protocol: ProtocolClient, headers: Record<string, string>, path?: string): Promise<WebSocket>
}

/** Starts a gateway whose window is one page and one script. It ends with the test. */
export async function startPanel(config: TestConfig = {}, options: Partial<EngineOptions> = {}): Promise<TestPanel> {
  const rendererDir = await builtWindow()
  const gateway = await startGateway(config, { rendererDir, ...options })
  onTestFinished(() => gateway.stop())
  return panelOf(gateway)
}

/** The panel of a gateway. */
export function panelOf(gateway: TestGateway): TestPanel {
  const origin = `https://${HOST}:${gateway.httpsPort}`
  const get = (request: ClientRequest = {}, protocol = HTTP1) => protocol.request(gateway, { host: HOST, ...request })
  return {
    gateway,
    origin,
    get,
    login: async () => {
      const { url } = await gateway.engine.call('panel.open', {})
      const answer = await get({ path: url.slice(origin.length) })
      return answer.values('set-cookie')[0]?.split(';')[0] ?? ''
    },
    own: (cookie) => ({ cookie, origin }),
    connect: async (protocol, headers, at = '/api') => {
      if (protocol === HTTP2) return overHttp2(gateway, headers, at)
      return watched(overHttp1(gateway, at, { app: 'portico', headers }))
    },
  }
}

/** Opens, or rejects with the status of the refusal. */
export function openedPanel(socket: WebSocket): Promise<WebSocket> {
  return within(
    new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket))
      socket.once('unexpected-response', (_request, response: http.IncomingMessage) => {
        reject(new Error(`refused with ${response.statusCode}`))
        response.destroy()
      })
      socket.once('error', reject)
    }),
    'the WebSocket opens or is refused',
  )
}

/** Sends a request and returns the reply with its id; what else arrives is kept in `events`. */
export async function ask(socket: WebSocket, id: number, name: string, params: unknown = {}): Promise<Frame> {
  const reply = new Promise<Frame>((resolve) => {
    const listen = (data: WebSocket.RawData) => {
      const frame = JSON.parse(String(data)) as Frame
      if (frame.id !== id) return
      socket.off('message', listen)
      resolve(frame)
    }
    socket.on('message', listen)
  })
  socket.send(JSON.stringify({ id, name, params }))
  return within(reply, `the answer to ${name}`)
}

export interface Frame {
  id?: number | null
  result?: unknown
  fault?: { code: string; message: string }
  event?: string
  payload?: unknown
  missed?: string
  count?: number
}

async function builtWindow(): Promise<string> {
  const base = await mkdtemp(path.join(os.tmpdir(), 'portico-window-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const dir = path.join(base, 'renderer')
  await mkdir(path.join(dir, 'assets'), { recursive: true })
  await writeFile(path.join(dir, 'index.html'), INDEX)
  await writeFile(path.join(dir, 'assets/app.js'), 'document.title = "Portico is here"\n')
  await writeFile(path.join(base, 'secret.txt'), 'not of the window')
  return dir
}

async function overHttp2(gateway: TestGateway, headers: Record<string, string>, at: string): Promise<WebSocket> {
  const session = await connectH2(gateway, HOST)
  if (session.remoteSettings?.enableConnectProtocol !== true)
    await within(new Promise((resolve) => session.once('remoteSettings', resolve)), 'the settings of the gateway')
  onTestFinished(() => session.destroy())
  const agent = new http.Agent()
  agent.createConnection = () => new StreamSocket(session, gateway.httpsPort, HOST) as unknown as Socket
  return watched(new WebSocket(`ws://${HOST}${at}`, [], { agent, headers }))
}

function watched(socket: WebSocket): WebSocket {
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  return socket
}
