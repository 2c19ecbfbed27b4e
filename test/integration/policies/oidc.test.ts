import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchTrusting, missingBrowser } from '../../support/chromium.js'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { refused } from '../../support/handshake.js'
import { startProvider, type TestProvider } from '../../support/oidc.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { DOORS, endSession } from '../../support/websocket.js'

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`sign-in cannot be tested in a browser: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED signing in with Chromium: ${MISSING}`)

let upstream: TestUpstream
let provider: TestProvider
let gateway: TestGateway
let origin: string

const settings = (more: object = {}) => ({
  issuer: provider.issuer,
  clientId: 'shop',
  clientSecret: 'a secret of the shop',
  allow: ['ann@example.com', 'carl', 'mallory@example.com'],
  headers: { 'X-User': 'email', 'X-Name': 'name' },
  ...more,
})

const serve = (oidc: object) =>
  gateway.configure({
    apps: [
      {
        name: 'app',
        policies: { oidc },
        routes: [
          { path: '/', upstream: { backends: [{ url: upstream.url }] } },
          { path: '/open/*', upstream: { backends: [{ url: upstream.url }] }, policies: { oidc: false } },
        ],
      },
    ],
  } as never)

beforeAll(async () => {
  upstream = await startUpstream((_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<title>The shop</title><p>Welcome</p>')
  })
  gateway = await startGateway({ apps: [{ name: 'app', demo: true }] })
  origin = `https://app.localhost:${gateway.httpsPort}`
  provider = await startProvider([origin], 2)
  await serve(settings())
})

afterAll(async () => {
  await endSession(gateway)
  await gateway.stop()
  await provider.close()
  await upstream.close()
})

const NAVIGATION: [string, string][] = [
  ['Accept', 'text/html'],
  ['Sec-Fetch-Mode', 'navigate'],
]

describe.each(PROTOCOLS)('over $name', (client) => {
  test('whoever opens a page is sent to the provider, with code flow and PKCE', async () => {
    const answer = await client.request(gateway, { path: '/a?b=c', headers: NAVIGATION })
    const to = new URL(answer.values('location')[0] ?? '')
    expect([answer.status, to.origin, answer.values('cache-control')]).toEqual([303, provider.issuer, ['no-store']])
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      ...{ response_type: 'code', client_id: 'shop', code_challenge_method: 'S256', scope: 'openid profile email' },
      redirect_uri: `${origin}/.portico/oidc/callback`,
    })
    expect(answer.values('set-cookie')).toEqual([
      expect.stringMatching(/^__Host-portico-[\w-]+=[\w-]+; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
  })

  test.each([
    [
      'a script',
      {
        headers: [
          ['Accept', 'text/html'],
          ['Sec-Fetch-Mode', 'cors'],
        ] as [string, string][],
      },
    ],
    ['a form', { method: 'POST', headers: NAVIGATION, body: 'a=b' }],
    ['a program', {}],
  ])('%s gets 401 and no redirect', async (_, request) => {
    const answer = await client.request(gateway, request)
    expect([answer.status, answer.values('location'), answer.values('set-cookie')]).toEqual([401, [], []])
    expect(answer.values('www-authenticate')).toHaveLength(1)
  })

  test.each(['state=unknown&code=x', 'code=x', 'error=access_denied&state=x', ''])(
    'an answer that nobody asked for is refused: %s',
    async (query) => {
      const answer = await client.request(gateway, { path: `/.portico/oidc/callback?${query}`, headers: NAVIGATION })
      expect([answer.status, answer.values('set-cookie')]).toEqual([403, []])
    },
  )

  test('a sign-in is bound to the browser that began it, and ends with the error of the provider', async () => {
    const begun = await client.request(gateway, { headers: NAVIGATION })
    const state = new URL(begun.values('location')[0] ?? '').searchParams.get('state')
    const cookie = begun.values('set-cookie')[0]?.split(';')[0] ?? ''
    const target = `/.portico/oidc/callback?error=access_denied&error_description=no+way&state=${state}&iss=${provider.issuer}`
    expect((await client.request(gateway, { path: target })).text).toContain('has not begun')
    const answer = await client.request(gateway, { path: target, headers: [['Cookie', cookie]] })
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('no way')])
    expect(answer.values('set-cookie')).toEqual([expect.stringContaining('Max-Age=0')])
  })
})

test('more sign-ins at once than four push out the oldest', async () => {
  const cookies = new Map<string, string>()
  for (let i = 0; i < 7; i++) {
    const headers: [string, string][] = [
      ...NAVIGATION,
      ['Cookie', [...cookies].map((pair) => pair.join('=')).join('; ')],
    ]
    const answer = await HTTP1.request(gateway, { headers })
    for (const cookie of answer.values('set-cookie')) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
  }
  expect(cookies.size).toBe(4)
})

test.each(DOORS)('a WebSocket gets 401 over $name', async (door) => {
  expect((await refused(door.name, gateway, '/socket')).status).toBe(401)
})

test('another site may not sign anybody out', async () => {
  const answer = await HTTP1.request(gateway, {
    path: '/.portico/oidc/logout',
    headers: [['Sec-Fetch-Site', 'cross-site']],
  })
  expect(answer.status).toBe(403)
})

test('a provider that cannot be asked is named', async () => {
  await serve(settings({ issuer: 'http://localhost:1' }))
  const answer = await HTTP1.request(gateway, { headers: NAVIGATION })
  expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('http://localhost:1')])
  await serve(settings())
})

const signIn = async (page: Page, name: string) => {
  await page.locator('input[name=login]').fill(name)
  await page.locator('input[name=password]').fill('any')
  await page.locator('button[type=submit]').click()
  // Whoever has agreed in another tab is not asked again.
  const agree = page.getByRole('button', { name: 'Continue' })
  await agree
    .or(page.getByText(/^Welcome$|may not come here/))
    .first()
    .waitFor()
  if (await agree.isVisible()) await agree.click()
}

const cookiesOf = async (context: BrowserContext) =>
  (await context.cookies(origin)).filter(({ name }) => name.startsWith('__Host-portico-'))

const asField = (cookies: { name: string; value: string }[]): [string, string] => [
  'Cookie',
  [...cookies.map(({ name, value }) => `${name}=${value}`), 'own=1'].join('; '),
]

test.skipIf(MISSING !== null)(
  'a person signs in, in several tabs, stays so, and signs out',
  { timeout: 120_000 },
  async () => {
    const browser = await launchTrusting(gateway.caFile)
    const context = await browser.newContext()
    const [first, second] = [await context.newPage(), await context.newPage()]
    await first.goto(`${origin}/first?a=%20b&c=%2F`)
    await second.goto(`${origin}/second`)
    await signIn(first, 'ann')
    await first.waitForURL(`${origin}/first?a=%20b&c=%2F`)
    expect(await first.title()).toBe('The shop')
    await signIn(second, 'ann')
    await second.waitForURL(`${origin}/second`)

    const kept = await cookiesOf(context)
    expect(kept).toHaveLength(1)
    expect(kept[0]).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Lax', path: '/', domain: 'app.localhost' })
    expect(kept[0]?.value.length).toBeLessThan(3_700)
    const seen = upstream.last()
    expect(seen.values('x-user')).toEqual(['ann@example.com'])
    expect(Buffer.from(seen.values('x-name')[0] ?? '', 'latin1').toString()).toBe('Ann Ünders')
    expect(upstream.requests.flatMap(({ fields }) => fields).join()).not.toContain('__Host-portico')
    expect((await stat(path.join(gateway.dataDir, 'oidc.key'))).mode & 0o777).toBe(0o600)

    expect(await first.evaluate('fetch("/data").then((answer) => answer.status)')).toBe(200)
    const good = asField(kept)
    const answer = await HTTP1.request(gateway, { headers: [good, ['X-User', 'root'], ['x_user', 'root']] })
    expect(answer.status).toBe(200)
    expect(upstream.last().fields.filter(([name]) => /^(x.user|cookie)$/i.test(name))).toEqual([
      ['Cookie', 'own=1'],
      ['X-User', 'ann@example.com'],
    ])
    await HTTP1.request(gateway, { path: '/open/x', headers: [good] })
    expect(upstream.last().values('cookie')).toEqual(['own=1'])

    const value = kept[0]?.value ?? ''
    for (const at of [2, 10, 30, 60, value.length - 2]) {
      const changed = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
      expect(
        (await HTTP1.request(gateway, { headers: [asField([{ name: kept[0]?.name ?? '', value: changed }])] })).status,
      ).toBe(401)
    }

    await serve(settings({ session: '6h' }))
    expect((await HTTP1.request(gateway, { headers: [good] })).status).toBe(200)
    await serve(settings({ allow: ['bob@example.com'] }))
    expect((await HTTP1.request(gateway, { headers: [good] })).status).toBe(403)
    await serve(settings())

    await first.goto(`${origin}/.portico/oidc/logout`)
    await first.getByRole('button', { name: /yes/i }).click()
    await first.getByText('You are signed out.').waitFor()
    expect(first.url()).toMatch(`${origin}/.portico/oidc/signed-out`)
    expect(await cookiesOf(context)).toEqual([])
    expect((await HTTP1.request(gateway, { headers: [good] })).status).toBe(401)

    await first.goto(`${origin}/again`)
    await signIn(first, 'mallory')
    await first.getByText('You are signed in, but may not come here.').waitFor()
    expect(
      gateway
        .entries()
        .map(({ path: one }) => one)
        .join(),
    ).toContain('/.portico/oidc/callback')
    await browser.close()
  },
)

test.skipIf(MISSING !== null)(
  'an access token that has expired is renewed once, however many ask',
  { timeout: 120_000 },
  async () => {
    await serve(settings({ scopes: ['email', 'profile', 'offline_access'] }))
    const browser = await launchTrusting(gateway.caFile)
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${origin}/`)
    await signIn(page, 'carl')
    await page.waitForURL(`${origin}/`)
    const before = asField(await cookiesOf(context))
    await browser.close()
    const renewed = async () => (await HTTP1.request(gateway, { headers: [before] })).values('set-cookie').length > 0
    await expect.poll(renewed, { timeout: 10_000, interval: 100 }).toBe(true)
    const answers = await Promise.all(
      PROTOCOLS.flatMap((client) => [1, 2, 3].map(() => client.request(gateway, { headers: [before] }))),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(provider.grants.filter((grant) => grant === 'refresh_token')).toHaveLength(1)
    const next =
      answers[0]
        ?.values('set-cookie')
        .map((cookie) => cookie.split(';')[0])
        .join('; ') ?? ''
    expect((await HTTP1.request(gateway, { headers: [['Cookie', next]] })).status).toBe(200)
    expect(upstream.last().values('x-user')).toEqual(['carl@example.com'])
  },
)
