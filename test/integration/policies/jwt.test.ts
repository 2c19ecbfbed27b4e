import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { refused } from '../../support/handshake.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { DOORS, endSession } from '../../support/websocket.js'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const later = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PEM = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string

const jwk = (key: KeyObject, more: object) => ({ ...createPublicKey(key).export({ format: 'jwk' }), ...more })

interface TokenOptions {
  key?: KeyObject | Uint8Array
  alg?: string
  kid?: string
  claims?: Record<string, unknown>
  from?: number
  expires?: number | null
}

/** One that every route here accepts, but for what the test changes. @param from seconds from now, as `expires` */
async function token({
  key = rsa.privateKey,
  alg = 'RS256',
  kid = 'rsa',
  claims = {},
  from,
  expires = 60,
}: TokenOptions = {}) {
  const now = Math.floor(Date.now() / 1_000)
  const unsigned = new SignJWT({ iss: 'https://id.test', aud: 'shop', sub: 'ann', scope: 'read write', ...claims })
  unsigned.setProtectedHeader({ alg, kid })
  if (expires !== null) unsigned.setExpirationTime(now + expires)
  if (from !== undefined) unsigned.setNotBefore(now + from)
  return unsigned.sign(key as never)
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

let upstream: TestUpstream
let keys: TestUpstream
let published: object[]
let publishing = true
let gateway: TestGateway

beforeAll(async () => {
  published = [
    jwk(rsa.privateKey, { kid: 'rsa', use: 'sig', alg: 'RS256' }),
    jwk(ec.privateKey, { kid: 'ec', use: 'sig' }),
    { kty: 'oct', kid: 'secret', k: Buffer.from('a secret that is published').toString('base64url') },
  ]
  upstream = await startUpstream()
  keys = await startUpstream((_request, response) => {
    if (publishing) response.end(JSON.stringify({ keys: published }))
    else response.writeHead(500).end()
  })
  const to = { upstream: { backends: [{ url: upstream.url }] } }
  const common = { jwks: `${keys.url}/jwks`, issuer: 'https://id.test', audience: ['shop', 'spare'] }
  const jwt = { ...common, headers: { 'X-User': 'sub', 'X-Roles': 'realm.roles' }, cookie: 'token' }
  gateway = await startGateway({ apps: [{ name: 'app', demo: true }] })
  await writeFile(path.join(gateway.dataDir, 'keys.pem'), PEM)
  await gateway.configure({
    apps: [
      {
        name: 'app',
        routes: [
          { path: '/', ...to, policies: { jwt } },
          {
            path: '/scoped/*',
            ...to,
            policies: { jwt: { ...common, claims: { scope: ['admin', 'write'], 'realm.roles': 'boss' } } },
          },
          { path: '/file/*', ...to, policies: { jwt: { keyFile: 'keys.pem' } } },
          { path: '/es-only/*', ...to, policies: { jwt: { ...common, algorithms: ['ES256'] } } },
          { path: '/nowhere/*', ...to, policies: { jwt: { jwks: 'http://127.0.0.1:1/jwks' } } },
          { path: '/no-file/*', ...to, policies: { jwt: { keyFile: 'missing.pem' } } },
        ],
      },
    ],
  } as never)
})

afterAll(async () => {
  await endSession(gateway)
  await gateway.stop()
  await keys.close()
  await upstream.close()
})

const bearer = (text: string): [string, string] => ['Authorization', `Bearer ${text}`]
const status = async (text: string, at = '/') =>
  (await HTTP1.request(gateway, { path: at, headers: [bearer(text)] })).status

describe.each(PROTOCOLS)('over $name', (client) => {
  test('a valid token lets pass, goes on, and its claims take the place of what the client says', async () => {
    const sent = await token({ claims: { realm: { roles: ['a', 'b'] } } })
    const headers: [string, string][] = [bearer(sent), ['X-User', 'root'], ['x_user', 'root'], ['X-Roles', 'boss']]
    expect((await client.request(gateway, { headers })).status).toBe(200)
    const seen = upstream.last().fields.filter(([name]) => /^x.(user|roles)$/i.test(name))
    expect(seen).toEqual([
      ['X-User', 'ann'],
      ['X-Roles', 'a,b'],
    ])
    expect(upstream.last().values('authorization')).toEqual([`Bearer ${sent}`])
  })

  test('a claim that is not there takes away what the client says', async () => {
    await client.request(gateway, { headers: [bearer(await token()), ['X-Roles', 'boss']] })
    expect(upstream.last().values('x-roles')).toEqual([])
  })

  test('a cookie may hold the token', async () => {
    const answer = await client.request(gateway, { headers: [['Cookie', `a=b; token=${await token()}`]] })
    expect(answer.status).toBe(200)
  })

  test('whoever has none is told so, without an error (RFC 6750 section 3.1)', async () => {
    const answer = await client.request(gateway)
    expect([answer.status, answer.values('www-authenticate')]).toEqual([401, ['Bearer realm="app"']])
  })

  test('whoever has one that is over is told why', async () => {
    const answer = await client.request(gateway, { headers: [bearer(await token({ expires: -40 }))] })
    expect(answer.values('www-authenticate')).toEqual([
      'Bearer realm="app", error="invalid_token", error_description="it has expired"',
    ])
  })

  test('whoever may not is told what would do', async () => {
    const may = await token({ claims: { realm: { roles: ['boss', 'x'] } } })
    expect((await client.request(gateway, { path: '/scoped/x', headers: [bearer(may)] })).status).toBe(200)
    const narrow = await token({ claims: { scope: 'read writer', realm: { roles: ['boss'] } } })
    const answer = await client.request(gateway, { path: '/scoped/x', headers: [bearer(narrow)] })
    expect(answer.status).toBe(403)
    expect(answer.values('www-authenticate')).toEqual([
      'Bearer realm="app", error="insufficient_scope", scope="admin write"',
    ])
    const lowly = await token({ claims: { realm: { roles: ['bossy'] } } })
    expect((await client.request(gateway, { path: '/scoped/x', headers: [bearer(lowly)] })).status).toBe(403)
  })
})

const CLAIMS = { iss: 'https://id.test', aud: 'shop', sub: 'eve', exp: 4e9 }

test.each<[string, () => Promise<string> | string]>([
  ['without a signature (alg none)', () => `${part({ alg: 'none' })}.${part(CLAIMS)}.`],
  ['with alg None and a signature', () => `${part({ alg: 'None', kid: 'rsa' })}.${part(CLAIMS)}.AAAA`],
  ['with HMAC and the public key as its secret', () => token({ alg: 'HS256', key: Buffer.from(PEM) })],
  [
    'with HMAC and a secret among the published keys',
    () => token({ alg: 'HS256', kid: 'secret', key: Buffer.from('a secret that is published') }),
  ],
  ['signed by somebody else under a known key id', () => token({ key: other.privateKey })],
  ['that names the key of another algorithm', () => token({ kid: 'ec' })],
  ['that names a key nobody has', () => token({ kid: '../../dev/null' })],
  [
    'that brings its own key',
    async () => {
      const [, claims] = (await token()).split('.')
      return `${part({ alg: 'RS256', jwk: jwk(other.privateKey, {}) })}.${claims}.AAAA`
    },
  ],
  ['with a critical extension', () => `${part({ alg: 'RS256', kid: 'rsa', crit: ['x'], x: 1 })}.${part(CLAIMS)}.AAAA`],
  ['that has expired', () => token({ expires: -31 })],
  ['that never expires', () => token({ expires: null })],
  ['that is not valid yet', () => token({ from: 45 })],
  ['for somebody else', () => token({ claims: { aud: 'shop2' } })],
  ['for nobody', () => token({ claims: { aud: [] } })],
  ['issued by somebody else', () => token({ claims: { iss: 'https://id.test.evil' } })],
  [
    'whose claims were changed',
    async () => {
      const [head, , signature] = (await token()).split('.')
      return `${head}.${part(CLAIMS)}.${signature}`
    },
  ],
  ['with a fourth part', async () => `${await token()}.AAAA`],
  ['of garbage', () => 'a.b.c'],
  ['of one dot', () => '.'],
])('a token %s is refused', async (_, make) => {
  expect(await status(await make())).toBe(401)
})

test('clocks may be half a minute apart', async () => {
  expect(await status(await token({ expires: -20 }))).toBe(200)
  expect(await status(await token({ from: 20 }))).toBe(200)
})

test('only the algorithms of the settings will do', async () => {
  expect(await status(await token(), '/es-only/x')).toBe(401)
  expect(await status(await token({ key: ec.privateKey, alg: 'ES256', kid: 'ec' }), '/es-only/x')).toBe(200)
})

test('two tokens in one request are refused, for the backend may believe the other', async () => {
  const headers = [bearer(await token()), bearer(await token({ claims: { sub: 'eve' } }))]
  expect([400, 401]).toContain((await HTTP1.request(gateway, { headers })).status)
})

test('keys in a file that is named relative to the config, read again when it changes', async () => {
  expect(await status(await token(), '/file/x')).toBe(200)
  const next = await token({ key: ec.privateKey, alg: 'ES256', kid: 'x' })
  expect(await status(next, '/file/x')).toBe(401)
  await writeFile(path.join(gateway.dataDir, 'keys.pem'), PEM + ec.publicKey.export({ type: 'spki', format: 'pem' }))
  await expect.poll(() => status(next, '/file/x'), { timeout: 8_000, interval: 200 }).toBe(200)
  expect(await status(await token(), '/file/x')).toBe(200)
})

test('without keys nobody passes, and the answer says where they should have come from', async () => {
  const sent = [bearer(await token())]
  const unreachable = await HTTP1.request(gateway, { path: '/nowhere/x', headers: sent })
  expect([unreachable.status, unreachable.text]).toEqual([503, expect.stringContaining('http://127.0.0.1:1')])
  expect((await HTTP1.request(gateway, { path: '/no-file/x', headers: sent })).status).toBe(503)
})

test('known keys outlive the service that publishes them, and unknown ones do not call it each time', async () => {
  expect(await status(await token())).toBe(200)
  publishing = false
  const before = keys.requests.length
  for (let i = 0; i < 10; i++)
    expect(await status(await token({ key: later.privateKey, alg: 'ES256', kid: `k${i}` }))).toBe(401)
  expect(keys.requests.length - before).toBeLessThanOrEqual(1)
  expect(await status(await token())).toBe(200)
  publishing = true
})

test.each(DOORS)('a WebSocket without a token is refused over $name', async (door) => {
  const answer = await refused(door.name, gateway, '/socket')
  expect([answer.status, answer.field('www-authenticate')]).toEqual([401, 'Bearer realm="app"'])
})
