import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { within } from '../support/wait.js'
import { closed, DOORS, message, type SocketUpstream, sessionOf, startSocketUpstream } from '../support/websocket.js'

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1 << 20, 8 << 20]
const CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999]

let upstream: SocketUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startSocketUpstream()
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
})

afterAll(async () => {
  ;(await sessionOf(gateway)).destroy()
  await gateway.stop()
  await upstream.close()
})

describe.each(DOORS)('over $name', (door) => {
  async function pair() {
    const client = await door.connect(gateway)
    return { client, server: await upstream.next() }
  }

  test.each(SIZES)('binary and text messages of %i bytes arrive whole, both ways', async (size) => {
    const { client, server } = await pair()
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const binary = randomBytes(size)
      const arrival = message(to)
      from.send(binary)
      const got = await arrival
      expect(got.isBinary).toBe(true)
      expect(digest(got.data)).toBe(digest(binary))
      const text = 'é'.repeat(size >> 1)
      const textArrival = message(to)
      from.send(text)
      const gotText = await textArrival
      expect(gotText.isBinary).toBe(false)
      expect(digest(gotText.data)).toBe(digest(Buffer.from(text)))
    }
    client.close()
    await closed(client)
  })

  test('fragments, and pings and pongs between them, arrive as they were sent', async () => {
    const { client, server } = await pair()
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const arrival = message(to)
      const ping = once(to, 'ping')
      const pong = once(from, 'pong')
      const unasked = once(to, 'pong')
      from.send('first ', { fin: false })
      from.ping('are you there')
      from.pong('unasked')
      from.send('last', { fin: true })
      expect((await within(ping, 'a ping'))[0].toString()).toBe('are you there')
      expect((await within(pong, 'its pong'))[0].toString()).toBe('are you there')
      expect((await within(unasked, 'a pong'))[0].toString()).toBe('unasked')
      expect((await arrival).data.toString()).toBe('first last')
    }
    client.close()
    await closed(client)
  })

  test.each(CODES)('close code %i and its reason arrive, both ways', async (code) => {
    for (const side of ['client', 'server'] as const) {
      const both = await pair()
      const from = both[side]
      const to = both[side === 'client' ? 'server' : 'client']
      const seen = closed(to)
      const echoed = closed(from)
      from.close(code, `because ${code}`)
      expect(await seen).toEqual({ code, reason: `because ${code}` })
      expect((await echoed).code).toBe(code)
    }
  })

  test('a close without a code stays without one', async () => {
    for (const side of ['client', 'server'] as const) {
      const both = await pair()
      const seen = closed(both[side === 'client' ? 'server' : 'client'])
      both[side].close()
      expect((await seen).code).toBe(1005)
    }
  })

  test('a connection that breaks without a close frame is seen as such on the other side', async () => {
    for (const side of ['client', 'server'] as const) {
      const both = await pair()
      const seen = closed(both[side === 'client' ? 'server' : 'client'])
      both[side].terminate()
      expect((await seen).code).toBe(1006)
    }
  })

  test('the access log notes the tunnel when it has ended, with its bytes', async () => {
    const path = `/logged-${door.acceptedStatus}`
    const client = await door.connect(gateway, path)
    const server = await upstream.next()
    const arrival = message(server)
    client.send(randomBytes(10_000))
    await arrival
    const back = message(client)
    server.send(randomBytes(20_000))
    await back
    expect(gateway.entries().filter((entry) => entry.path === path)).toEqual([])
    client.close(1000)
    const entry = await gateway.entry(path)
    expect(entry).toMatchObject({
      status: door.acceptedStatus,
      protocol: door.name === 'HTTP/1.1' ? 'websocket' : 'h2-websocket',
      method: 'GET',
      error: null,
      backend: `http://localhost:${upstream.port}`,
    })
    expect(entry.bytesIn).toBeGreaterThan(10_000)
    expect(entry.bytesIn).toBeLessThan(10_100)
    expect(entry.bytesOut).toBeGreaterThan(20_000)
    expect(entry.bytesOut).toBeLessThan(20_100)
    expect(entry.connectMs).toBeLessThanOrEqual(entry.firstByteMs as number)
    expect(entry.firstByteMs).toBeLessThanOrEqual(entry.totalMs)
  })
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
