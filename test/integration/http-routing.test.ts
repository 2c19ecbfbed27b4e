import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PROTOCOLS } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { connectH2, requestH2 } from '../support/h2-client.js'
import { RawClient, statusOfBytes } from '../support/raw-client.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let upstream: TestUpstream

/** A route that tells the upstream which one it is. */
const named = <R extends { path: string }>(name: string, route: R) => ({
  upstream: { backends: [{ url: upstream.url }] },
  headers: { request: { set: { 'X-Route': name } } },
  ...route,
})

function config(): TestConfig {
  const whole = (name: string) => [named(name, { path: '/' })]
  return {
    apps: [
      { name: 'app', port: upstream.port },
      { name: 'exact', hosts: ['a.wild.localhost'], routes: whole('exact') },
      { name: 'wild', hosts: ['*.wild.localhost'], routes: whole('wild') },
      { name: 'deep', hosts: ['*.deep.wild.localhost'], routes: whole('deep') },
      { name: 'two', hosts: ['two.localhost', 'zwei.localhost'], routes: whole('two') },
      { name: 'off', enabled: false, port: upstream.port },
      {
        name: 'api',
        routes: [
          named('root', { path: '/' }),
          named('v1', { path: '/v1/*' }),
          named('v1-users', { path: '/v1/users/*', methods: ['GET', 'POST'] }),
          named('v1-users-exact', { path: '/v1/users', methods: ['GET'] }),
          named('v1-delete', { path: '/v1/users/*', methods: ['DELETE'] }),
        ],
      },
      { name: 'narrow', routes: [named('only', { path: '/only', methods: ['GET', 'POST'] })] },
      {
        name: 'moved',
        routes: [
          { path: '/', redirect: { to: 'https://example.com/new' } },
          { path: '/keep/*', redirect: { to: 'https://example.com/base/', status: 307, keepPath: true } },
          { path: '/local', redirect: { to: '/elsewhere', status: 302 } },
        ],
      },
    ],
  }
}

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway(config())
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

beforeEach(() => {
  upstream.requests.length = 0
})

describe.each(PROTOCOLS)('over $name', (client) => {
  test.each([
    ['a.wild.localhost', 'exact'],
    ['b.wild.localhost', 'wild'],
    ['c.b.wild.localhost', 'wild'],
    ['x.deep.wild.localhost', 'deep'],
    ['deep.wild.localhost', 'wild'],
    ['x.y.deep.wild.localhost', 'deep'],
    ['two.localhost', 'two'],
    ['zwei.localhost', 'two'],
  ])('the host %s belongs to %s: exact first, then the longest wildcard', async (host, owner) => {
    const answer = await client.request(gateway, { host })
    expect(answer.status).toBe(200)
    expect(upstream.last().values('x-route')).toEqual([owner])
  })

  test('the port in the host, any port, does not matter', async () => {
    const answer = await client.request(
      gateway,
      client.name === 'HTTP/1.1' ? { headers: [['Host', 'app.localhost:1']] } : {},
    )
    expect(answer.status).toBe(200)
  })

  test.each([
    ['GET', '/v1/users', 'v1-users-exact'],
    ['HEAD', '/v1/users', 'v1-users-exact'],
    ['POST', '/v1/users', 'v1-users'],
    ['GET', '/v1/users/7', 'v1-users'],
    ['HEAD', '/v1/users/7', 'v1-users'],
    ['DELETE', '/v1/users/7', 'v1-delete'],
    ['PUT', '/v1/users/7', 'v1'],
    ['GET', '/v1/usersx', 'v1'],
    ['GET', '/v1', 'v1'],
    ['GET', '/v1/', 'v1'],
    ['GET', '/v1?x=1', 'v1'],
    ['GET', '/v10', 'root'],
    ['GET', '/', 'root'],
    ['GET', '/V1/users', 'root'],
    ['GET', '/%761/users', 'root'],
  ])('%s %s goes to the longest path of those that take the method: %s', async (method, path, route) => {
    await client.request(gateway, { host: 'api.localhost', method, path })
    expect(upstream.last().values('x-route')).toEqual([route])
  })

  test('a method that no route of the path takes is 405 with Allow', async () => {
    const answer = await client.request(gateway, { host: 'narrow.localhost', method: 'DELETE', path: '/only' })
    expect(answer.status).toBe(405)
    expect(answer.values('allow')).toEqual(['GET, HEAD, POST'])
    expect(upstream.requests).toEqual([])
  })

  test('a path that no route takes is 404 and names the routes', async () => {
    const answer = await client.request(gateway, { host: 'narrow.localhost', path: '/other' })
    expect(answer.status).toBe(404)
    expect(answer.text).toContain('/only')
  })

  test('a disabled app is 503 and says how to enable it', async () => {
    const answer = await client.request(gateway, { host: 'off.localhost' })
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('portico app enable off')
    expect(upstream.requests).toEqual([])
  })

  test('an unknown host is 404 with a page that lists the apps and how to add this one', async () => {
    const answer = await client.request(gateway, {
      host: 'nobody.localhost',
      anyName: true,
      headers: [['accept', 'text/html']],
    })
    expect(answer.status).toBe(404)
    expect(answer.values('content-type')).toEqual(['text/html; charset=utf-8'])
    expect(answer.text).toContain(`https://app.localhost:${gateway.httpsPort}`)
    expect(answer.text).toContain('portico app add nobody --port 3000')
    expect(answer.text).not.toMatch(/at .*\.ts:\d+/)
  })

  test('errors come as JSON to those that ask for it and as text to all others', async () => {
    const json = await client.request(gateway, {
      host: 'nobody.localhost',
      anyName: true,
      headers: [['accept', 'application/json']],
    })
    expect(json.values('content-type')).toEqual(['application/json; charset=utf-8'])
    expect(JSON.parse(json.text)).toMatchObject({ error: { status: 404, code: 'host-unknown' } })
    const text = await client.request(gateway, {
      host: 'nobody.localhost',
      anyName: true,
      headers: [['accept', '*/*']],
    })
    expect(text.values('content-type')).toEqual(['text/plain; charset=utf-8'])
    expect(text.text).toMatch(/^404 No app is called nobody\.localhost\./)
  })

  test('an error to HEAD has the length of its page and no body', async () => {
    const answer = await client.request(gateway, { host: 'nobody.localhost', anyName: true, method: 'HEAD' })
    expect(answer.status).toBe(404)
    expect(answer.body).toHaveLength(0)
    expect(Number(answer.values('content-length')[0])).toBeGreaterThan(20)
  })

  test.each([
    ['/x?y=1', 308, 'https://example.com/new'],
    ['/keep/a%2Fb?x=1&x=2', 307, 'https://example.com/base/keep/a%2Fb?x=1&x=2'],
    ['/local', 302, '/elsewhere'],
  ])('a redirect route answers %s with %i to %s', async (path, status, location) => {
    const answer = await client.request(gateway, { host: 'moved.localhost', path })
    expect(answer.status).toBe(status)
    expect(answer.values('location')).toEqual([location])
  })

  test.each([
    ['two thousand levels of ..', `/${'../'.repeat(2000)}`],
    ['an encoded slash', '/v1%2Fusers'],
  ])('a path with %s is matched as it was sent', async (_name, path) => {
    const answer = await client.request(gateway, { host: 'api.localhost', path })
    expect(answer.status).toBe(200)
    expect(upstream.last().target).toBe(path)
  })
})

describe('the connection and the host', () => {
  test('SNI of one app with the Host of another is 421', async () => {
    const bytes = 'GET / HTTP/1.1\r\nHost: two.localhost\r\n\r\n'
    expect((await statusOfBytes(gateway, bytes)).status).toBe(421)
    expect(upstream.requests).toEqual([])
  })

  test('SNI of one app with the :authority of another is 421', async () => {
    const session = await connectH2(gateway)
    const answer = await requestH2(session, gateway, { host: 'two.localhost' })
    session.destroy()
    expect(answer.status).toBe(421)
    expect(upstream.requests).toEqual([])
  })

  test('two hosts of the same app may share a connection', async () => {
    const session = await connectH2(gateway, 'two.localhost')
    expect((await requestH2(session, gateway, { host: 'zwei.localhost' })).status).toBe(200)
    session.destroy()
  })

  test('SNI of a known app with an unknown Host is 421', async () => {
    const bytes = 'GET / HTTP/1.1\r\nHost: unknown.example\r\n\r\n'
    expect((await statusOfBytes(gateway, bytes)).status).toBe(421)
  })

  test('without SNI the Host alone decides', async () => {
    const bytes = 'GET / HTTP/1.1\r\nHost: two.localhost\r\n\r\n'
    const { status } = await statusOfBytes(gateway, bytes, { sni: null })
    expect(status).toBe(200)
    expect(upstream.last().values('x-route')).toEqual(['two'])
  })

  test.each(['APP.localhost', 'app.localhost.', 'App.LocalHost.:443'])(
    'the Host %s is the same name in another spelling',
    async (host) => {
      expect((await statusOfBytes(gateway, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status).toBe(200)
    },
  )

  test('a foreign absolute-form target is 421, whatever Host says', async () => {
    const bytes = 'GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n'
    expect((await statusOfBytes(gateway, bytes)).status).toBe(421)
  })
})

describe('plain HTTP', () => {
  const redirectOf = async (target: string, port: number, host = 'app.localhost', method = 'GET') => {
    const client = await RawClient.connect(gateway, { plainPort: port })
    client.send(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const text = await client.receive('\r\n\r\n')
    client.destroy()
    return { status: Number(text.slice(9, 12)), location: /^location: (.*)\r$/im.exec(text)?.[1] }
  }

  test('on the HTTP port is sent to HTTPS with 308', async () => {
    const { status, location } = await redirectOf('/a/b?x=1&x=2', gateway.httpPort, `app.localhost:${gateway.httpPort}`)
    expect(status).toBe(308)
    expect(location).toBe(`https://app.localhost:${gateway.httpsPort}/a/b?x=1&x=2`)
  })

  test('on the HTTPS port is answered with the same redirect, not with a TLS error', async () => {
    const { status, location } = await redirectOf('/x', gateway.httpsPort)
    expect(status).toBe(308)
    expect(location).toBe(`https://app.localhost:${gateway.httpsPort}/x`)
  })

  test('of a host that no app owns is redirected too, so that its page is shown over HTTPS', async () => {
    expect((await redirectOf('/', gateway.httpPort, 'nobody.localhost')).location).toBe(
      `https://nobody.localhost:${gateway.httpsPort}/`,
    )
  })

  test('keeps path and query byte for byte', async () => {
    const piece = fc.constantFrom(
      ..."abz09-._~!$&'()*+,;=:@/?".split(''),
      '%2F',
      '%00',
      '%c3%a9',
      '//',
      '"',
      '<',
      '[',
      '\\',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const target = `/${pieces.join('')}`
        const { location } = await redirectOf(target, gateway.httpPort)
        expect(location).toBe(`https://app.localhost:${gateway.httpsPort}${target}`)
      }),
      { numRuns: 40 },
    )
  })

  test('with a body is redirected without the body being waited for', async () => {
    const client = await RawClient.connect(gateway, { plainPort: gateway.httpPort })
    client.send('POST /up HTTP/1.1\r\nHost: app.localhost\r\nContent-Length: 1000000\r\n\r\nbegin')
    expect(await client.receive('\r\n\r\n')).toMatch(/^HTTP\/1\.1 308 /)
    client.destroy()
  })

  test('never redirects to a host that is none', async () => {
    expect((await redirectOf('/', gateway.httpPort, 'evil/@x')).status).toBe(400)
  })
})
