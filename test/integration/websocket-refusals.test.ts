import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { readStream } from '../support/h2-client.js'
import { gatewayFor, handshake, rawUpstream, refused } from '../support/handshake.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { DOORS, endSession, extendedConnect } from '../support/websocket.js'

describe.each(DOORS)('over $name', (door) => {
  describe('a backend that refuses is heard', () => {
    let upstream: TestUpstream
    let gateway: TestGateway

    beforeAll(async () => {
      upstream = await startUpstream((request, response) => {
        const status = Number(request.url?.slice(1))
        response.setHeader('X-Reason', 'because')
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.setHeader('Connection', 'keep-alive, X-Hop')
        response.setHeader('X-Hop', 'private')
        if (status === 302) response.setHeader('Location', `http://localhost:${upstream.port}/login`)
        response.statusCode = status
        if (status === 204 || status === 304) response.end()
        else if (status === 200) {
          response.setHeader('Content-Length', '12')
          response.end('plain answer')
        } else {
          response.write('first, ')
          response.end(`no (${status})`)
        }
      })
      gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    })

    afterAll(async () => {
      await endSession(gateway)
      await gateway.stop()
      await upstream.close()
    })

    test.each([401, 404, 500, 503])('%i with its fields and body', async (status) => {
      const answer = await refused(door.name, gateway, `/${status}`)
      expect(answer.status).toBe(status)
      expect(answer.body).toBe(`first, no (${status})`)
      expect(answer.field('x-reason')).toBe('because')
      expect(answer.field('x-hop')).toBeUndefined()
      const entry = await gateway.entry(`/${status}`)
      expect(entry).toMatchObject({ status, error: null, bytesOut: answer.body.length })
    })

    test('a 2xx, where that does not mean acceptance', async () => {
      const answer = await refused(door.name, gateway, '/200')
      const empty = await refused(door.name, gateway, '/204')
      if (door.name === 'HTTP/2') {
        expect([answer.status, empty.status]).toEqual([502, 502])
        expect(answer.body).toContain('it sent 200 instead of switching')
        return
      }
      expect(empty).toMatchObject({ status: 204, body: '' })
      expect(empty.field('transfer-encoding')).toBeUndefined()
      expect(answer).toMatchObject({ status: 200, body: 'plain answer' })
      expect(answer.field('content-length')).toBe('12')
      expect(answer.field('transfer-encoding')).toBeUndefined()
    })

    test('304, without a body', async () => {
      const answer = await refused(door.name, gateway, '/304')
      expect(answer).toMatchObject({ status: 304, body: '' })
      expect(answer.field('transfer-encoding')).toBeUndefined()
    })

    test('a redirect, to the address that the client knows', async () => {
      const answer = await refused(door.name, gateway, '/302')
      expect(answer.status).toBe(302)
      expect(answer.field('location')).toBe(`https://app.localhost:${gateway.httpsPort}/login`)
    })

    test('its connection is not kept', async () => {
      await refused(door.name, gateway, '/404')
      await expect.poll(() => upstream.connections.size).toBe(0)
    })
  })

  test('a refusal that breaks off in its middle does not end cleanly', async () => {
    const upstream = await rawUpstream(({ socket }) =>
      socket.end('HTTP/1.1 403 No\r\nContent-Length: 100\r\n\r\nonly this'),
    )
    const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
    if (door.name === 'HTTP/2') {
      const { status, broken } = await readStream(await extendedConnect(gateway))
      expect({ status, broken }).toEqual({ status: 403, broken: true })
    } else {
      const client = await RawClient.connect(gateway)
      const text = await client.send(handshake(gateway)).closed()
      expect(text).toContain('Content-Length: 100')
      expect(text.endsWith('only this')).toBe(true)
    }
    expect((await gateway.entry('/')).error).toContain('broke off in the middle')
  })
})

test('a refusal that its client does not read is given up at the idle timeout', async () => {
  const upstream = await startUpstream((_request, response) => {
    response.statusCode = 403
    response.end(Buffer.alloc(32 * 1024 * 1024))
  })
  onTestFinished(() => upstream.close())
  const gateway = await gatewayFor({
    defaults: { timeouts: { idle: '400ms' } },
    apps: [{ name: 'app', port: upstream.port }],
  })
  const client = await RawClient.connect(gateway)
  client.socket.pause()
  client.send(handshake(gateway))
  expect((await gateway.entry('/')).error).toBe('The client stopped reading the answer.')
  client.destroy()
})
