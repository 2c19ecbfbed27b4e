import { afterEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { type RawExchange, type RawUpstream, startRawUpstream } from '../support/raw-upstream.js'

let gateway: TestGateway
let upstream: RawUpstream

afterEach(async () => {
  await gateway.stop()
  await upstream.close()
})

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** One backend, no `retry` in the config; the script for what comes on a connection that has been used before. */
async function start(second: (exchange: RawExchange) => void): Promise<void> {
  upstream = await startRawUpstream((exchange) => {
    if (exchange.turn === 1) exchange.socket.write(OK)
    else second(exchange)
  })
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
}

const heads = () => upstream.received.map((text) => text.split('\r\n\r\n').length - 1)

describe.each(PROTOCOLS)('over $name', ({ request }) => {
  test.each<[string, (exchange: RawExchange) => void]>([
    ['ended', ({ socket }) => socket.end()],
    ['reset', ({ socket }) => socket.resetAndDestroy()],
  ])('a request on a kept connection that is %s without a byte is sent again on a new one', async (_how, end) => {
    await start(end)
    expect((await request(gateway, { path: '/first' })).status).toBe(200)
    expect(await request(gateway, { path: '/second' })).toMatchObject({ status: 200, text: 'ok' })
    expect(heads()).toEqual([2, 1])
    expect(await gateway.entry('/second')).toMatchObject({ attempts: 2, error: null })
  })

  test('its body comes along', async () => {
    await start(({ socket }) => socket.end())
    await request(gateway)
    const body = 'x'.repeat(30_000)
    expect(await request(gateway, { method: 'PUT', body })).toMatchObject({ status: 200 })
    expect(upstream.received[1]?.endsWith(`\r\n\r\n${body}`)).toBe(true)
  })

  test('a POST is not: it may have been worked on', async () => {
    await start(({ socket }) => socket.end())
    await request(gateway)
    expect((await request(gateway, { method: 'POST', body: 'x' })).status).toBe(502)
    expect(heads()).toEqual([2])
  })

  test('nor is one whose answer had begun', async () => {
    await start(({ socket }) => socket.end('HTTP/1.1 2'))
    await request(gateway)
    expect((await request(gateway)).status).toBe(502)
    expect(heads()).toEqual([2])
  })

  test('nor one on a connection of its own', async () => {
    upstream = await startRawUpstream(({ socket }) => socket.end())
    gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    expect((await request(gateway)).status).toBe(502)
    expect(heads()).toEqual([1])
  })

  test('it says nothing of the backend', async () => {
    await start(({ socket }) => socket.end())
    await request(gateway)
    await request(gateway)
    expect(await gateway.engine.call('backends.list', {})).toMatchObject([{ health: 'healthy', reason: null }])
  })
})
