import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { GatewayIdentity } from '../../src/main/engine/share/gateway-agent.js'
import { HopListener } from '../../src/main/engine/share/hop-listener.js'
import { makeCertificate } from '../support/certificate.js'
import { within } from '../support/wait.js'

interface Taken {
  method: string
  /** of its connection, from 1 */
  nth: number
  /** its connection goes on with the session of one before */
  resumed: boolean
}

/** A gateway that closes each connection when a second request comes on it, as one does that has just been idle for too long. */
async function startClosingGateway(identity: Partial<GatewayIdentity> = {}) {
  const certificate = makeCertificate('DNS:shop.localhost')
  const taken: Taken[] = []
  const counts = new WeakMap<object, number>()
  const gateway = https.createServer(certificate, (request, response) => {
    const nth = (counts.get(request.socket) ?? 0) + 1
    counts.set(request.socket, nth)
    taken.push({ method: request.method ?? '', nth, resumed: (request.socket as TLSSocket).isSessionReused() })
    if (nth > 1) request.socket.destroy()
    else request.pipe(response)
  })
  await once(gateway.listen(0, '127.0.0.1'), 'listening')
  const { port } = gateway.address() as AddressInfo
  const failures: string[] = []
  const hop = await HopListener.open({
    locate: async () => ({ address: '127.0.0.1', port, serverName: 'shop.localhost', authority: 'shop.localhost' }),
    ca: () => certificate.cert,
    isOwn: async () => false,
    ...identity,
    publicOrigin: () => null,
    onFailure: (reason) => failures.push(reason),
  })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(async () => {
    agent.destroy()
    await hop.close()
    gateway.closeAllConnections()
    gateway.close()
    certificate.remove()
  })
  const ask = async (method: string, body = '') => {
    const headers = { host: 'shop.example', 'content-length': body.length }
    const request = http.request({
      host: '127.0.0.1',
      port: hop.port,
      agent,
      method,
      headers,
    })
    request.end(body)
    const [response] = (await within(once(request, 'response'), 'an answer')) as [IncomingMessage]
    return { status: response.statusCode, text: await text(response) }
  }
  return { ask, taken, failures }
}

test('connections to the gateway are used again, and a request that met one about to close is sent once more', async () => {
  const { ask, taken, failures } = await startClosingGateway()
  for (const method of ['GET', 'GET', 'HEAD', 'OPTIONS']) expect(await ask(method)).toEqual({ status: 200, text: '' })
  expect(taken.filter(({ nth }) => nth > 1).length).toBeGreaterThan(0)
  expect(taken.filter(({ nth }) => nth === 1)).toHaveLength(4)
  expect(failures).toEqual([])
})

test('what must not be sent twice has a connection of its own', async () => {
  const { ask, taken } = await startClosingGateway()
  await ask('GET')
  for (const method of ['POST', 'PUT', 'DELETE', 'POST']) {
    expect(await ask(method, 'a body')).toEqual({ status: 200, text: 'a body' })
  }
  expect(await ask('GET', 'with a body')).toEqual({ status: 200, text: 'with a body' })
  expect(taken.map(({ method, nth }) => `${method} ${nth}`)).toEqual([
    'GET 1',
    'POST 1',
    'PUT 1',
    'DELETE 1',
    'POST 1',
    'GET 1',
  ])
})

test('a gateway with a certificate that nobody vouches for is known by it, once for a session', async () => {
  const other = makeCertificate('DNS:other.localhost')
  onTestFinished(() => other.remove())
  let own = true
  const shown: string[] = []
  const isOwn = async (fingerprint: string) => {
    shown.push(fingerprint)
    return own
  }
  const { ask, taken, failures } = await startClosingGateway({ ca: () => other.cert, isOwn })
  for (let i = 0; i < 3; i++) expect((await ask('POST', 'x')).status).toBe(200)
  expect(taken.map(({ resumed }) => resumed)).toEqual([false, true, true])
  expect(shown).toEqual([expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)])
  expect(failures).toEqual([])
  own = false
  const stranger = await startClosingGateway({ ca: () => other.cert, isOwn })
  for (let i = 0; i < 2; i++) expect((await stranger.ask('POST', 'x')).status).toBe(502)
  expect(stranger.taken).toEqual([])
  expect(stranger.failures[0]).toContain('what answers is not the gateway')
})
