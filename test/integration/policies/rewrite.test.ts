import { describe, expect, onTestFinished, test } from 'vitest'
import { launchTrusting, missingBrowser } from '../../support/chromium.js'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { gatewayOf, upstreamOf } from '../../support/for-this-test.js'
import type { TestGateway } from '../../support/gateway.js'
import type { Responder, TestUpstream } from '../../support/upstream.js'
import { startSocketUpstream, HTTP1 as WS_HTTP1 } from '../../support/websocket.js'

async function start(rewrite: object, respond?: Responder): Promise<{ gateway: TestGateway; upstream: TestUpstream }> {
  const upstream = await upstreamOf(respond)
  const gateway = await gatewayOf({ apps: [{ name: 'app', port: upstream.port, policies: { rewrite } as never }] })
  return { gateway, upstream }
}

const PAGE = `<!doctype html><html><head><title>Shop</title></head><body><h1>é</h1>${'<p>text</p>'.repeat(9_000)}</body></html>`
const page: Responder = (_incoming, response) => {
  response.writeHead(200, { 'content-type': 'text/html', etag: '"1"', 'content-length': Buffer.byteLength(PAGE) })
  response.end(PAGE)
}

describe.each(PROTOCOLS)('over $name', (protocol) => {
  test('the backend gets the rewritten path and query, and the log keeps what the client asked for', async () => {
    const { gateway, upstream } = await start({
      path: [{ match: '^/api/(v\\d+)/', to: '/$1/' }],
      query: { remove: ['debug'], set: { lang: 'de' } },
    })
    await protocol.request(gateway, { path: '/api/v2/users?id=7&debug=1' })
    expect(upstream.last().target).toBe('/v2/users?id=7&lang=de')
    expect(await gateway.entry('/api/v2/users?id=7&debug=1')).toMatchObject({ status: 200 })
  })

  test('fields of request and answer are set, added and removed, with variables', async () => {
    const { gateway, upstream } = await start(
      {
        request: {
          set: { 'X-Who': '{client_ip} {method} {scheme} {app}', 'X-Agent': '{http.User-Agent}', 'X-Odd': '{nothing}' },
          append: { Via: '1.1 test' },
          remove: ['X-Gone'],
        },
        response: { set: { 'X-Host': '{host}', Server: 'mine' }, remove: ['X-Secret'] },
      },
      (_incoming, response) => {
        response.writeHead(200, { 'x-secret': 'yes', 'x-host': 'theirs' })
        response.end()
      },
    )
    const headers: [string, string][] = [
      ['x-gone', '1'],
      ['user-agent', 'test/1'],
    ]
    const answer = await protocol.request(gateway, { headers })
    const value = (name: string) => upstream.last().values(name)
    expect([value('x-who'), value('x-agent'), value('x-odd'), value('x-gone')]).toEqual([
      ...[['127.0.0.1 GET https app'], ['test/1'], ['{nothing}'], []],
    ])
    expect(value('via')).toHaveLength(2)
    expect([answer.values('x-host'), answer.values('server'), answer.values('x-secret')]).toEqual([
      ...[['app.localhost'], ['mine'], []],
    ])
  })

  test('HTML is put into pages, whatever coding the client accepts, and into nothing else', async () => {
    const inject = { head: '<meta name="x" content="ü">', body: '<script src="/live.js"></script>' }
    const { gateway, upstream } = await start({ inject }, (incoming, response, received) => {
      if (incoming.url === '/data') return response.setHeader('content-type', 'application/json').end('{"a":"</head>"}')
      return page(incoming, response, received)
    })
    const answer = await protocol.request(gateway, { headers: [['accept-encoding', 'gzip, br']] })
    expect(upstream.last().values('accept-encoding')).toEqual(['identity'])
    expect(answer.text).toBe(
      PAGE.replace('</head>', `${inject.head}</head>`).replace('</body>', `${inject.body}</body>`),
    )
    expect([answer.values('etag'), answer.values('content-length')]).toEqual([['W/"1"'], []])
    expect(gateway.entries().at(-1)?.bytesOut).toBe(answer.body.length)
    expect((await protocol.request(gateway, { path: '/data' })).text).toBe('{"a":"</head>"}')
    expect((await protocol.request(gateway, { method: 'HEAD' })).body).toHaveLength(0)
  })
})

test('a WebSocket is rewritten as well', async () => {
  const sockets = await startSocketUpstream()
  onTestFinished(() => sockets.close())
  const rewrite = { path: [{ match: '^/live$', to: '/socket' }], request: { set: { 'X-App': '{app}' } } }
  const gateway = await gatewayOf({ apps: [{ name: 'app', port: sockets.port, policies: { rewrite } }] })
  const socket = await WS_HTTP1.connect(gateway, '/live')
  expect(sockets.handshakes[0]?.url).toBe('/socket')
  expect(sockets.handshakes[0]?.headers['x-app']).toBe('app')
  socket.terminate()
})

test('clients are spread over variants, and stay with theirs', async () => {
  const [own, other] = [
    await upstreamOf((_incoming, response) => response.end('a')),
    await upstreamOf((_incoming, response) => response.end('b')),
  ]
  const split = {
    cookie: 'variant',
    variants: [
      { name: 'a', weight: 1 },
      { name: 'b', weight: 1, app: 'next' },
    ],
  }
  const gateway = await gatewayOf({
    apps: [
      { name: 'app', port: own.port, policies: { rewrite: { split } } },
      { name: 'next', port: other.port },
    ],
  })
  const served = new Set<string>()
  for (let i = 0; i < 40; i++) {
    const first = await HTTP1.request(gateway)
    const [cookie = ''] = first.values('set-cookie')
    expect(cookie).toMatch(new RegExp(`^variant=${first.text}; Path=/; Max-Age=\\d+; Secure; HttpOnly; SameSite=Lax$`))
    const again = await HTTP1.request(gateway, { headers: [['cookie', cookie.split(';')[0] as string]] })
    expect([again.text, again.values('set-cookie')]).toEqual([first.text, []])
    served.add(first.text)
  }
  expect([...served].sort()).toEqual(['a', 'b'])
  expect((await HTTP1.request(gateway, { headers: [['cookie', 'variant=nobody']] })).status).toBe(200)
})

const MISSING = missingBrowser()
test.skipIf(MISSING !== null)('the toolbar is in the page, and the page’s own styles do not reach it', async () => {
  const { gateway } = await start({ inject: { toolbar: true } }, (_incoming, response) =>
    response
      .setHeader('content-type', 'text/html')
      .end('<title>t</title><style>*{display:none!important}</style><p>hi'),
  )
  const browser = await launchTrusting(gateway.caFile)
  const tab = await browser.newPage()
  await tab.goto(`https://app.localhost:${gateway.httpsPort}/`)
  await tab.waitForFunction(() => document.querySelector('portico-toolbar') !== null)
  expect(await tab.evaluate(() => document.querySelectorAll('script').length)).toBe(1)
  const script = await HTTP1.request(gateway, { path: '/.portico/toolbar.js' })
  expect(script.text).toContain(`https://portico.localhost:${gateway.httpsPort}/`)
})
