import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

/** Clients that send their request and then their FIN, and still read: `printf … | nc`, scripts, health checks. */

let upstream: TestUpstream
let gateway: TestGateway

const SLOW_MS = 700

beforeAll(async () => {
  upstream = await startUpstream(async (request, response) => {
    const path = request.url ?? ''
    await delay(SLOW_MS)
    if (!path.startsWith('/parts')) {
      response.end(`answer to ${path}`)
      return
    }
    for (const part of ['one ', 'two ', 'three']) {
      response.write(part)
      await delay(SLOW_MS)
    }
    response.end()
  })
  gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

const get = (path: string, version = '1.1') => `GET ${path} HTTP/${version}\r\nHost: app.localhost\r\n\r\n`
const withoutInterim = (text: string) => text.replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '')

/** What a client that half-closes right after its bytes gets, until the gateway closes. */
async function halfClosed(bytes: string, plainPort?: number): Promise<string> {
  const client = await RawClient.connect(gateway, plainPort === undefined ? {} : { plainPort })
  client.send(bytes)
  client.socket.end()
  const received = await client.closed(8_000)
  expect(client.ended).toBe('clean')
  return withoutInterim(received)
}

describe.concurrent('a client that half-closes after its request', () => {
  test.each(['1.1', '1.0'])('gets the full answer of a slow backend over HTTP/%s', async (version) => {
    const received = await halfClosed(get('/slow', version))
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(received).toMatch(/answer to \/slow$/)
  })

  test('gets every answer to its pipelined requests, in order, with nothing between them but interim responses', async () => {
    const received = await halfClosed(get('/1') + get('/parts') + get('/3'))
    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3)
    expect(received).toMatch(/answer to \/1HTTP[\s\S]*one [\s\S]*two [\s\S]*three[\s\S]*answer to \/3$/)
    expect(received).toContain('\r\n\r\n4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n')
  })

  test('gets an answer that comes in slow parts', async () => {
    expect(await halfClosed(get('/parts'))).toMatch(/one [\s\S]*two [\s\S]*three/)
  })

  test('gets the redirect of the plain HTTP port', async () => {
    expect(await halfClosed(get('/'), gateway.httpPort)).toMatch(/^HTTP\/1\.1 308 /)
  })

  test('gets the redirect for plain HTTP on the HTTPS port', async () => {
    expect(await halfClosed(get('/'), gateway.httpsPort)).toMatch(/^HTTP\/1\.1 308 /)
  })

  test('is not sent interim responses over HTTP/1.0', async () => {
    const client = await RawClient.connect(gateway)
    client.send(get('/old', '1.0'))
    client.socket.end()
    expect(await client.closed(8_000)).not.toContain(' 102 ')
  })
})

test('a client that ends its half and vanishes later frees its backend with the next part of the answer', async () => {
  const client = await RawClient.connect(gateway)
  client.send(get('/parts'))
  client.socket.end()
  await client.receive('one ')
  const before = upstream.connections.size
  client.destroy()
  await until(() => upstream.connections.size < before, 'the backend is free', 3 * SLOW_MS)
})
