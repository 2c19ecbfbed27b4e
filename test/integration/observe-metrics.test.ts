import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { historySchema } from '../../src/shared/history-schemas.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { freePort } from '../support/free-port.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { HOST, startPanel } from '../support/panel.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

const TOKEN = 'a-token-of-16-or-more'

async function startApp(config: (port: number) => TestConfig) {
  const upstream = await startUpstream((request, response) => {
    if (request.url !== '/hang') response.end('hello')
  })
  const gateway = await startGateway(config(upstream.port))
  onTestFinished(async () => {
    await gateway.stop()
    await upstream.close()
  })
  return { upstream, gateway }
}

async function scrape(port: number, headers: Record<string, string> = {}, path = '/metrics') {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

/** The value of a series; null when there is none. */
function seriesOf(text: string, series: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? null : Number(line.slice(series.length + 1))
}

test('what apps and their backends do is told at the port, and nothing of what clients make up', async () => {
  const port = await freePort()
  const { gateway, upstream } = await startApp((app) => ({ metrics: { port }, apps: [{ name: 'app', port: app }] }))
  for (const client of PROTOCOLS) await client.request(gateway, { path: '/a?b', method: 'POST', body: '123' })
  await HTTP1.request(gateway, { path: '/x', method: 'PROPFIND' })
  await HTTP1.request(gateway, { host: 'made-up.localhost', anyName: true })
  const abort = new AbortController()
  const hanging = HTTP1.request(gateway, { path: '/hang', signal: abort.signal }).catch(() => {})
  await until(() => upstream.heads === 4, 'the request that hangs')
  const { status, type, text } = await scrape(port)
  abort.abort()
  await hanging
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const total = (labels: string) => seriesOf(text, `portico_requests_total{${labels}}`)
  expect(total('app="app",route="/",method="POST",status="200"')).toBe(2)
  expect(total('app="app",route="/",method="OTHER",status="200"')).toBe(1)
  expect(total('app="-",route="-",method="GET",status="404"')).toBe(1)
  expect(seriesOf(text, 'portico_request_duration_seconds_count{app="app",route="/"}')).toBe(3)
  expect(seriesOf(text, 'portico_requests_in_flight{app="app"}')).toBe(1)
  expect(seriesOf(text, 'portico_request_body_bytes_total{app="app"}')).toBe(6)
  expect(seriesOf(text, 'portico_response_body_bytes_total{app="app"}')).toBe(15)
  const backend = `app="app",route="/",backend="http://localhost:${upstream.port}"`
  expect(seriesOf(text, `portico_backend_up{${backend}}`)).toBe(1)
  expect(seriesOf(text, `portico_backend_in_flight{${backend}}`)).toBe(1)
  expect(text).toContain('portico_certificate_expiry_timestamp_seconds{name="app.localhost",source="local"}')
  expect(seriesOf(text, 'portico_config_last_reload_successful')).toBe(1)
  expect(text).toMatch(/^portico_build_info\{version="0",node="[\d.]+"\} 1$/m)
  for (const name of ['nodejs_eventloop_lag_p99_seconds', 'nodejs_heap_size_used_bytes', 'process_cpu_seconds_total'])
    expect(seriesOf(text, name)).toBeGreaterThanOrEqual(0)
  for (const word of ['made-up', 'PROPFIND', '/a?b']) expect(text).not.toContain(word)
})

test('policies are told by what they did', async () => {
  const port = await freePort()
  const policies = { rateLimit: { rate: '1/h' } }
  const { gateway } = await startApp((app) => ({ metrics: { port }, apps: [{ name: 'app', port: app, policies }] }))
  for (let i = 0; i < 3; i++) await HTTP1.request(gateway)
  const { text } = await scrape(port)
  const outcomes = text.split('\n').filter((line) => line.startsWith('portico_policy_outcomes_total{'))
  expect(outcomes).toEqual(['portico_policy_outcomes_total{app="app",policy="rateLimit",outcome="limited"} 2'])
})

test('a reload opens, moves and closes the port, forgets apps that are gone, and keeps the rest', async () => {
  const [first, second] = [await freePort(), await freePort()]
  const { gateway, upstream } = await startApp((app) => ({ apps: [{ name: 'app', port: app }] }))
  const apps = [{ name: 'app', port: upstream.port }]
  await expect(scrape(first)).rejects.toThrow()
  await gateway.configure({ metrics: { port: first }, apps: [...apps, { name: 'gone', port: upstream.port }] })
  await until(async () => (await scrape(first).catch(() => null))?.status === 200, 'the port')
  await HTTP1.request(gateway)
  await HTTP1.request(gateway, { host: 'gone.localhost' })
  expect((await scrape(first)).text).toContain('app="gone"')
  await gateway.configure({ metrics: { port: second, token: TOKEN }, apps })
  await until(async () => (await scrape(second).catch(() => null))?.status === 401, 'the other port')
  await expect(scrape(first)).rejects.toThrow()
  const { text } = await scrape(second, { authorization: `Bearer ${TOKEN}` })
  expect(text).not.toContain('app="gone"')
  expect(seriesOf(text, 'portico_requests_total{app="app",route="/",method="GET",status="200"}')).toBe(1)
  await gateway.configure({ apps })
  await until(async () => (await scrape(second).catch(() => null)) === null, 'the end of it')
})

test('a port that is taken is told of, and harms nothing', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  onTestFinished(() => void other.close())
  const { gateway } = await startApp((app) => ({ metrics: { port }, apps: [{ name: 'app', port: app }] }))
  expect(gateway.engine.status().warnings).toMatchObject([
    { path: 'metrics.port', message: expect.stringContaining('EADDRINUSE') },
  ])
  expect((await HTTP1.request(gateway)).status).toBe(200)
})

test('a port that others reach needs a token', async () => {
  const { gateway } = await startApp((app) => ({ apps: [{ name: 'app', port: app }] }))
  await gateway.configure({ metrics: { port: 9464, bind: '0.0.0.0' }, apps: [] })
  expect(gateway.engine.status().configError?.problems).toMatchObject([
    { path: 'metrics.bind', message: expect.stringContaining('"token" must be set') },
  ])
})

test.each(PROTOCOLS)('at the panel, over $name, a session or the token is what it takes', async (protocol) => {
  const panel = await startPanel({ metrics: { token: TOKEN } })
  const get = (headers: [string, string][], more = {}) => panel.get({ path: '/metrics', headers, ...more }, protocol)
  const cookie = await panel.login()
  const shown: [string, string] = ['Authorization', `Bearer ${TOKEN}`]
  expect((await get([])).status).toBe(403)
  expect((await get([['Authorization', 'Bearer wrong-but-long-enough']])).status).toBe(403)
  for (const headers of [[shown], [['Cookie', cookie] as [string, string]]]) {
    const answer = await get(headers)
    expect([answer.status, answer.text.includes('portico_build_info')]).toEqual([200, true])
  }
  expect((await get([shown], { method: 'POST' })).status).toBe(403)
  expect((await get([shown, ['Origin', 'https://evil.test']])).status).toBe(403)
  expect((await get([shown, ['Sec-Fetch-Site', 'cross-site']])).status).toBe(403)
  await panel.gateway.configure({})
  expect((await get([shown])).text).not.toContain('portico_build_info')
  expect(HOST).toBe('portico.localhost')
})

test('the last hour is had by app and for all, without the panel', async () => {
  const { gateway } = await startApp((app) => ({ apps: [{ name: 'app', port: app }] }))
  for (const client of PROTOCOLS) await client.request(gateway)
  await HTTP1.request(gateway, { host: 'nobody.localhost', anyName: true })
  await HTTP1.request(gateway, { host: HOST })
  await until(() => gateway.entries().length === 4, 'the entries')
  const sum = (column: number[]) => column.reduce((all, one) => all + one, 0)
  const read = async (of: TestGateway, params: { app?: string }) =>
    historySchema.parse(await of.engine.call('history', params))
  const app = await read(gateway, { app: 'app' })
  const all = await read(gateway, {})
  expect([sum(app.requests), sum(app.bytesOut), Math.max(...app.inFlightPeak)]).toEqual([2, 10, 1])
  expect([sum(all.requests), sum(all.clientErrors)]).toEqual([3, 1])
  expect(app.p50Ms.some((ms) => ms !== null && ms > 0)).toBe(true)
  expect(app.running.at(-1)).toBe(true)
  expect(app.running[0]).toBe(false)
  expect(all.gateway?.memoryBytes.at(-1)).toBeGreaterThan(10_000_000)
  expect(await gateway.engine.call('history.apps', {})).toMatchObject([{ app: 'app', requests: 2, bytesOut: 10 }])
  await expect(gateway.engine.call('history', { app: 'none' })).rejects.toThrow('none')
})
