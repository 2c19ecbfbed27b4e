import { generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import bcrypt from 'bcryptjs'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ClientResponse, HTTP1, HTTP2, type ProtocolClient } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { signInOverHttp, startProvider, type TestProvider } from '../../support/oidc.js'
import { type ReceivedRequest, startUpstream, type TestUpstream } from '../../support/upstream.js'
import { until } from '../../support/wait.js'

/** A way for ann and bob to say who they are. */
interface Way {
  policies: object
  ann: [string, string]
  bob: [string, string]
}

const WAYS = ['basicAuth', 'jwt', 'oidc', 'forwardAuth'] as const
type WayName = (typeof WAYS)[number]

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let ways: Record<WayName, Way>
let backend: TestUpstream
let mirror: TestUpstream
let auth: TestUpstream
let provider: TestProvider
let gateway: TestGateway
/** what the backend does next */
let respond: (response: ServerResponse, received: ReceivedRequest) => void

/** For whom an answer is, in its body. The backend forgets to call it private. */
const answerFor = (cacheControl: string) => (response: ServerResponse, received: ReceivedRequest) => {
  response.setHeader('Cache-Control', cacheControl)
  response.end(`for ${received.values('x-user')[0] ?? 'nobody'}`)
}

const serve = (policies: object) =>
  gateway.configure({
    apps: [
      {
        name: 'app',
        // The order in which they are asked is not the one in which they are written.
        policies: { cache: {}, mirror: { url: mirror.url }, ...policies },
        routes: [{ path: '/', upstream: { backends: [{ url: backend.url }] } }],
      },
    ],
  } as never)

beforeAll(async () => {
  backend = await startUpstream((_request, response, received) => respond(response, received))
  mirror = await startUpstream()
  auth = await startUpstream((_request, response, received) => {
    response.setHeader('X-User', received.values('cookie').join().replace('session=', ''))
    response.end()
  })
  gateway = await startGateway({ apps: [{ name: 'app', demo: true }] })
  const published = await startUpstream((_request, response) =>
    response.end(JSON.stringify({ keys: [keys.publicKey.export({ format: 'jwk' })] })),
  )
  const origin = `https://app.localhost:${gateway.httpsPort}`
  provider = await startProvider([origin])
  const oidc = { oidc: { ...oidcSettings(), headers: { 'X-User': 'sub' } } }
  await serve(oidc)
  const token = (sub: string) =>
    new SignJWT({ sub }).setProtectedHeader({ alg: 'ES256' }).setExpirationTime('5m').sign(keys.privateKey)
  const password = (user: string) => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`
  const hash = bcrypt.hashSync('secret', 4)
  ways = {
    basicAuth: {
      policies: { basicAuth: { users: { ann: hash, bob: hash }, userHeader: 'X-User' } },
      ann: ['Authorization', password('ann')],
      bob: ['Authorization', password('bob')],
    },
    jwt: {
      policies: { jwt: { jwks: published.url, cookie: 'token', headers: { 'X-User': 'sub' } } },
      ann: ['Cookie', `token=${await token('ann')}`],
      bob: ['Cookie', `token=${await token('bob')}`],
    },
    oidc: {
      policies: oidc,
      ann: ['Cookie', await signInOverHttp(gateway, origin, 'ann')],
      bob: ['Cookie', await signInOverHttp(gateway, origin, 'bob')],
    },
    forwardAuth: {
      policies: { forwardAuth: { url: auth.url, copyHeaders: ['X-User'] } },
      ann: ['Cookie', 'session=ann'],
      bob: ['Cookie', 'session=bob'],
    },
  }
  return () => published.close()
})

afterAll(async () => {
  await gateway.stop()
  await provider.close()
  for (const upstream of [backend, mirror, auth]) await upstream.close()
})

const oidcSettings = () => ({ issuer: provider.issuer, clientId: 'shop', clientSecret: 'a secret of the shop' })

let path = ''
let tests = 0
beforeEach(() => {
  path = `/${++tests}`
})

describe.each(WAYS)('whoever says who they are by %s', (name) => {
  const ask = (who: 'ann' | 'bob' | null, client: ProtocolClient = HTTP1) =>
    client.request(gateway, { path, headers: who === null ? [] : [ways[name][who]] })
  const arrived = () => backend.requests.filter(({ target }) => target === path)

  test('gets no answer that was for somebody else, one after the other', async () => {
    await serve(ways[name].policies)
    respond = answerFor('max-age=60, stale-while-revalidate=60, stale-if-error=60')
    for (const [who, client] of [
      ['ann', HTTP1],
      ['bob', HTTP2],
      ['ann', HTTP2],
      ['bob', HTTP1],
    ] as const)
      expect((await ask(who, client)).text).toBe(`for ${who}`)
    expect(arrived()).toHaveLength(4)
    respond = (response) => response.writeHead(503).end()
    expect((await ask('ann')).status).toBe(503)
    const copied = () => mirror.requests.filter(({ target }) => target === path)
    await until(() => copied().length === 5, 'copies at the mirror')
    expect(
      copied()
        .map((one) => one.values('x-user')[0])
        .sort(),
    ).toEqual(['ann', 'ann', 'ann', 'bob', 'bob'])
  })

  test('and none at the same time', async () => {
    await serve(ways[name].policies)
    const waiting: (() => void)[] = []
    respond = (response, received) => waiting.push(() => answerFor('max-age=60')(response, received))
    const answers = Promise.all([ask('ann'), ask('bob', HTTP2), ask('ann', HTTP2), ask('bob')])
    await until(() => waiting.length === 4, 'all four at the backend')
    for (const go of waiting) go()
    expect((await answers).map(({ text }) => text)).toEqual(['for ann', 'for bob', 'for ann', 'for bob'])
  })

  test('gets one that was for anybody, as the backend says', async () => {
    await serve(ways[name].policies)
    for (const cacheControl of ['public, max-age=60', 's-maxage=60', 'max-age=60, must-revalidate']) {
      path = `/${tests}?${encodeURIComponent(cacheControl)}`
      respond = answerFor(cacheControl)
      expect((await ask('ann')).text).toBe('for ann')
      const second = await ask('bob', HTTP2)
      expect([second.text, statusOf(second)]).toEqual(['for ann', expect.stringContaining('; hit')])
    }
  })

  test('and none that took the place of such a one meanwhile', async () => {
    await serve(ways[name].policies)
    respond = answerFor('public, max-age=0, stale-while-revalidate=60')
    expect((await ask('ann')).text).toBe('for ann')
    respond = answerFor('max-age=60')
    expect(statusOf(await ask('bob'))).toContain('stale-while-revalidate')
    await until(() => arrived().length === 2, 'the renewal')
    await until(async () => (await kept()).every((url) => !url.endsWith(path)), 'the renewed answer to be dropped')
    expect((await ask('ann', HTTP2)).text).toBe('for ann')
    expect(arrived()).toHaveLength(3)
  })

  test('gets none that was kept before the route knew anybody', async () => {
    await serve({})
    respond = answerFor('max-age=60')
    expect((await ask(null)).text).toBe('for nobody')
    expect(statusOf(await ask(null))).toContain('; hit')
    await serve(ways[name].policies)
    expect((await ask('ann')).text).toBe('for ann')
    expect((await ask('bob', HTTP2)).text).toBe('for bob')
  })
})

const statusOf = (answer: ClientResponse) => answer.values('cache-status').join()

const kept = async () => {
  const [cache] = await gateway.engine.call('cache.list', { app: 'app' })
  return cache?.answers?.latest.map(({ url }) => url) ?? []
}
