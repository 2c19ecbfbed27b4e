import { once } from 'node:events'
import { readdir, readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HTTP1, HTTP2, PROTOCOLS } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { HOST, INDEX, openedPanel, panelOf, startPanel, type TestPanel } from '../support/panel.js'
import { until } from '../support/wait.js'

const HTML: [string, string] = ['accept', 'text/html']

async function link(panel: TestPanel): Promise<string> {
  return (await panel.gateway.engine.call('panel.open', {})).url.slice(panel.origin.length)
}

describe.each(PROTOCOLS)('the panel over $name', (protocol) => {
  test('lets a browser in by a link, once, and shows the window under a strict policy', async () => {
    const panel = await startPanel()
    const path = await link(panel)
    const login = await panel.get({ path }, protocol)
    expect(login).toMatchObject({ status: 303 })
    expect(login.values('location')).toEqual(['/'])
    expect(login.values('cache-control')).toEqual(['no-store'])
    const [cookie = ''] = login.values('set-cookie')
    expect(cookie).toMatch(/^__Host-portico=[\w-]{43}; /)
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict'])
      expect(cookie.split('; ')).toContain(attribute)
    expect(cookie).not.toContain('Domain')

    const page = await panel.get({ headers: [['cookie', cookie.split(';')[0] as string]] }, protocol)
    expect(page).toMatchObject({ status: 200, text: INDEX })
    const policy = page.values('content-security-policy')[0] ?? ''
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        `connect-src 'self' wss://${HOST}:${panel.gateway.httpsPort}`,
        "frame-ancestors 'none'",
      ]),
    )
    expect(policy).not.toContain('unsafe')
    expect(page.values('x-content-type-options')).toEqual(['nosniff'])
    expect(page.values('referrer-policy')).toEqual(['no-referrer'])
    expect(page.values('cache-control')).toEqual(['no-store'])

    const again = await panel.get({ path }, protocol)
    expect(again).toMatchObject({ status: 403 })
    expect(again.values('set-cookie')).toEqual([])
  })

  test('gives nothing of the window or the API without a session', async () => {
    const panel = await startPanel()
    for (const path of ['/', '/index.html', '/assets/app.js', '/api', '/login', '/nothing', '/%2e%2e/secret.txt']) {
      for (const headers of [[], [['cookie', `__Host-portico=${'x'.repeat(43)}`] as [string, string]]]) {
        const answer = await panel.get({ path, headers: [...headers, HTML] }, protocol)
        expect(answer.status, path).toBe(403)
        expect(answer.text).toContain('portico open')
        expect(answer.text).not.toContain('app.js')
        expect(answer.values('content-security-policy')[0]).not.toContain('unsafe')
      }
    }
    await expect(panel.connect(protocol, { origin: panel.origin }).then(openedPanel)).rejects.toThrow()
  })

  test('refuses other sites whatever they send, with a valid cookie', async () => {
    const panel = await startPanel()
    const cookie = await panel.login()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      {},
      { 'sec-fetch-site': 'cross-site' },
      { origin: panel.origin, 'sec-fetch-site': 'cross-site' },
    ])
      await expect(
        panel.connect(protocol, { cookie, ...(headers as Record<string, string>) }).then(openedPanel),
      ).rejects.toThrow()
    for (const origin of ['https://evil.example', 'null']) {
      const posted = await panel.get(
        {
          method: 'POST',
          path: '/api',
          body: '{"id":1,"name":"stop"}',
          headers: [
            ['cookie', cookie],
            ['origin', origin],
          ],
        },
        protocol,
      )
      expect(posted.status).toBe(403)
    }
    expect(panel.gateway.engine.status().state).toBe('running')
  })

  test('answers no other name and no other port on the same socket', async () => {
    const panel = await startPanel()
    const cookie = await panel.login()
    const rebound = await panel.get({ host: 'evil.example', anyName: true, headers: [['cookie', cookie]] }, protocol)
    expect(rebound.status).toBe(404)
    expect(rebound.text).not.toContain('app.js')
    if (protocol === HTTP2) return
    for (const host of [`evil.example:${panel.gateway.httpsPort}`, `${HOST}:1`, HOST]) {
      const answer = await panel.get(
        {
          headers: [
            ['Host', host],
            ['cookie', cookie],
          ],
        },
        protocol,
      )
      expect([404, 421], host).toContain(answer.status)
    }
    const misled = await panel.get(
      {
        host: 'evil.example',
        anyName: true,
        headers: [
          ['Host', `${HOST}:${panel.gateway.httpsPort}`],
          ['cookie', cookie],
        ],
      },
      protocol,
    )
    expect(misled.status).toBe(421)
  })

  test('serves no file from outside the window', async () => {
    const panel = await startPanel()
    const headers: [string, string][] = [['cookie', await panel.login()]]
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '/..%5csecret.txt']) {
      const answer = await panel.get({ path, headers }, protocol)
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toContain('not of the window')
    }
    const script = await panel.get({ path: '/assets/app.js', headers }, protocol)
    expect(script).toMatchObject({ status: 200 })
    expect(script.values('content-type')[0]).toContain('text/javascript')
  })
})

test('a link that is made up is refused, and guessing ends in 429', async () => {
  const panel = await startPanel()
  const good = await link(panel)
  const guesses = []
  for (let i = 0; i < 21; i++)
    guesses.push((await panel.get({ path: `/login?token=${'y'.repeat(42)}${i % 10}` })).status)
  expect(guesses.slice(0, 20)).toEqual(Array(20).fill(403))
  expect(guesses[20]).toBe(429)
  expect((await panel.get({ path: good })).status).toBe(429)
  expect(panel.gateway.engine.status().state).toBe('running')
})

test('a browser led here by another site is led on by a page of the panel’s own, to where its cookie goes along', async () => {
  const panel = await startPanel()
  const led: [string, string][] = [
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-mode', 'navigate'],
    ['sec-fetch-dest', 'document'],
    HTML,
  ]
  const login = await panel.get({ path: await link(panel), headers: led })
  expect(login.status).toBe(303)
  const held = await panel.get({ headers: led }) // SameSite=Strict: the redirect comes without the cookie
  expect(held.values('refresh')).toEqual(['0; url=/login'])
  const cookie = login.values('set-cookie')[0]?.split(';')[0] as string
  const own = await panel.get({
    path: '/login',
    headers: [
      ['sec-fetch-site', 'same-origin'],
      ['cookie', cookie],
    ],
  })
  expect(own.status).toBe(303)
  expect(own.values('location')).toEqual(['/'])
  const stranger = await panel.get({ path: '/login', headers: [['sec-fetch-site', 'same-origin'], HTML] })
  expect(stranger.status).toBe(403)
  expect(stranger.values('refresh')).toEqual([])
})

test('a restart keeps a browser logged in, and nothing that is kept lets anyone in', async () => {
  const first = await startGateway({})
  onTestFinished(() => rm(first.dataDir, { recursive: true, force: true }))
  const panel = panelOf(first)
  const cookie = await panel.login()
  await first.engine.stop({ drainMs: 0 })
  const secret = cookie.split('=')[1] as string
  for (const name of await readdir(first.dataDir)) {
    if (name.endsWith('.json')) expect(await readFile(path.join(first.dataDir, name), 'utf8')).not.toContain(secret)
  }
  const again = await startPanel({}, { dataDir: first.dataDir })
  expect((await again.get({ headers: [['cookie', cookie]] })).status).toBe(200)
})

test('sessions are listed, and one that is revoked is out', async () => {
  const panel = await startPanel()
  const cookie = await panel.login()
  const [session] = await panel.gateway.engine.call('panel.sessions', {})
  expect(session).toMatchObject({ client: '127.0.0.1' })
  await panel.gateway.engine.call('panel.revoke', { id: session?.id as string })
  expect(await panel.gateway.engine.call('panel.sessions', {})).toEqual([])
  expect((await panel.get({ headers: [['cookie', cookie]] })).status).toBe(403)
  await expect(panel.gateway.engine.call('panel.revoke', { id: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
})

test('the panel is logged without an app and without its secrets', async () => {
  const panel = await startPanel()
  const path = await link(panel)
  await panel.get({ path })
  const entry = await panel.gateway.entry('/login?token=***')
  expect(entry).toMatchObject({ app: null, host: HOST, status: 303, backend: null })
  const token = path.split('token=')[1] as string
  expect(JSON.stringify(panel.gateway.entries())).not.toContain(token)
})

test('neither its cookies nor its figures show up among the traffic', async () => {
  const panel = await startPanel()
  const headers: [string, string][] = [['cookie', await panel.login()]]
  for (const protocol of PROTOCOLS) await panel.get({ path: `/?over=${protocol.name}`, headers }, protocol)
  await until(() => panel.gateway.entries().length === 3, 'the log entries')
  for (const { id } of panel.gateway.entries())
    expect(await panel.gateway.engine.call('exchange.get', { id })).toBeNull()
  const { total } = await panel.gateway.engine.call('stats', {})
  expect(total.p95Ms).toBeNull()
})

test('plain HTTP is redirected to the panel as to any host', async () => {
  const panel = await startPanel()
  const outgoing = http.get({ host: '127.0.0.1', port: panel.gateway.httpPort, path: '/x', headers: { host: HOST } })
  const [answer] = (await once(outgoing, 'response')) as [http.IncomingMessage]
  answer.resume()
  expect(answer).toMatchObject({ statusCode: 308, headers: { location: `${panel.origin}/x` } })
})

test('without a built window the page says how to build it', async () => {
  const panel = await startPanel({}, { rendererDir: '/nonexistent/renderer' })
  const answer = await panel.get({ headers: [['cookie', await panel.login()], HTML] }, HTTP1)
  expect(answer.status).toBe(503)
  expect(answer.text).toContain('npm run build')
})

test('a panel that is off gives no link, has no page, and leaves its host to the apps', async () => {
  const panel = await startPanel({ panel: { enabled: false }, apps: [{ name: 'portico', port: 1 }] })
  await expect(panel.gateway.engine.call('panel.open', {})).rejects.toMatchObject({ code: 'conflict' })
  expect((await panel.get()).status).toBe(502)
})

test('the panel answers to the name in the config', async () => {
  const panel = await startPanel({ panel: { host: 'Gate.Localhost' } })
  const { url } = await panel.gateway.engine.call('panel.open', {})
  expect(url).toMatch(new RegExp(`^https://gate\\.localhost:${panel.gateway.httpsPort}/login\\?token=[\\w-]{43}$`))
  expect((await panel.get({ host: 'gate.localhost', path: new URL(url).pathname + new URL(url).search })).status).toBe(
    303,
  )
  expect((await panel.get({ anyName: true })).status).toBe(404)
})

test('a wildcard of an app does not cover the panel', async () => {
  const panel = await startPanel({ apps: [{ name: 'all', hosts: ['*.localhost'], port: 1 }] })
  expect((await panel.get()).status).toBe(403)
  expect((await panel.get({ host: 'other.localhost' })).status).toBe(502)
})
