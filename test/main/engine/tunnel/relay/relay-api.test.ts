import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { apiListener } from '../../../../../src/main/engine/tunnel/relay/relay-api.js'
import { ask, playAgent, startEcho, startRelay, type TestRelay } from '../../../../support/relay.js'
import { until } from '../../../../support/wait.js'

const WISH = { client_id: 'laptop', remote_host: 'db.internal', remote_port: 5432, local_port: 0 }

interface Asked {
  method?: string
  body?: unknown
  headers?: Record<string, string>
}

/** @param port of a server of the API */
async function call(port: number, path: string, { method, body, headers = {} }: Asked = {}) {
  const json = body === undefined ? {} : { 'content-type': 'application/json' }
  const request = http.request({
    host: '127.0.0.1',
    port,
    path,
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...json, ...headers },
    agent: false,
  })
  request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode, body: JSON.parse(await text(response)) as unknown }
}

/** The API as this user's own processes have it, for the test over TCP. */
async function localApi({ relay }: TestRelay): Promise<number> {
  const server = http.createServer(apiListener(relay, 'local'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}

test('proxies are created, listed, told of and deleted', async () => {
  const port = await localApi(await startRelay())
  const made = await call(port, '/api/proxy/create', { body: WISH })
  expect(made).toEqual({
    status: 201,
    body: {
      id: expect.stringMatching(/^[0-9a-f]{12}$/),
      ...WISH,
      local_port: expect.any(Number),
      local_address: '127.0.0.1',
      state: 'listening',
      error: null,
      agents: 0,
    },
  })
  const { id } = made.body as { id: string }
  expect(await call(port, '/api/proxy/list')).toEqual({ status: 200, body: [made.body] })
  expect(await call(port, '/api/proxy/stats')).toMatchObject({
    status: 200,
    body: [{ id, open: 0, total: 0, bytes_in: 0 }],
  })
  expect(await call(port, '/api/proxy/delete', { body: { id } })).toMatchObject({ status: 200, body: { id } })
  expect(await call(port, '/api/proxy/delete', { body: { id } })).toMatchObject({
    status: 404,
    body: { error: 'not-found' },
  })
  expect(await call(port, '/api/proxy/list')).toEqual({ status: 200, body: [] })
})

test('what is asked wrongly is answered with the key and the reason', async () => {
  const port = await localApi(await startRelay())
  const refusals: [unknown, string][] = [
    [{ ...WISH, local_port: 70_000 }, 'local_port'],
    [{ ...WISH, remote_host: 'no host' }, 'remote_host'],
    [{ ...WISH, client_id: '../x' }, 'client_id'],
    [{ ...WISH, local_address: 'example.com' }, 'local_address'],
    [{ ...WISH, surplus: 1 }, 'surplus'],
    ['[', 'JSON'],
  ]
  for (const [body, word] of refusals) {
    const { status, body: answer } = await call(port, '/api/proxy/create', { body })
    expect(status).toBe(400)
    expect((answer as { message: string }).message).toContain(word)
  }
  const form = { 'content-type': 'text/plain' }
  expect(await call(port, '/api/proxy/create', { body: WISH, headers: form })).toMatchObject({ status: 400 })
  expect(await call(port, '/api/proxy/create')).toMatchObject({ status: 405 })
  expect(await call(port, '/api/proxy/create', { body: `"${'x'.repeat(70_000)}"` })).toMatchObject({ status: 413 })
  expect(await call(port, '/api/nothing')).toMatchObject({ status: 404 })
  expect(await call(port, '/toString')).toMatchObject({ status: 404 })
})

test('a port that is taken is a conflict, whoever has it', async () => {
  const relay = await startRelay()
  const port = await localApi(relay)
  expect(await call(port, '/api/proxy/create', { body: { ...WISH, local_port: relay.port } })).toMatchObject({
    status: 409,
    body: { error: 'port-taken' },
  })
  const { local_port } = await relay.proxy(1)
  expect(await call(port, '/api/proxy/create', { body: { ...WISH, local_port } })).toMatchObject({
    status: 409,
    body: { error: 'conflict' },
  })
})

test('over the network only an admin token gets in, and to proxies alone; who does not is in the audit log', async () => {
  const { port, relay, token, audit } = await startRelay()
  const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } })
  const agent = await token()
  const admin = await token('laptop', { client_id: null, admin: true })
  expect(await call(port, '/api/proxy/list')).toMatchObject({ status: 401 })
  expect(await call(port, '/api/proxy/list', bearer('ptk_none'))).toMatchObject({ status: 401 })
  expect(await call(port, '/api/proxy/list', bearer(agent.token))).toMatchObject({ status: 403 })
  expect(await call(port, '/api/proxy/list', bearer(admin.token))).toEqual({ status: 200, body: [] })
  expect(await call(port, '/api/status', bearer(admin.token))).toMatchObject({ status: 200, body: { tokens: 2 } })
  expect(await call(port, '/api/proxy/create', { body: WISH, ...bearer(admin.token) })).toMatchObject({ status: 201 })
  expect(await call(port, '/api/token/list', bearer(admin.token))).toMatchObject({ status: 403 })
  const wish = { body: { client_id: 'laptop' }, ...bearer(admin.token) }
  expect(await call(port, '/api/token/create', wish)).toMatchObject({ status: 403 })
  await relay.revokeToken(admin.id)
  expect(await call(port, '/api/proxy/list?x=y', bearer(admin.token))).toMatchObject({ status: 401 })
  const refusals = async () => (await audit()).filter(({ event }) => event === 'api-refused')
  await until(async () => (await refusals()).length === 6, 'all refusals are told')
  const from = expect.stringMatching(/^127\.0\.0\.1:\d+$/)
  expect(await refusals()).toMatchObject([
    ...[401, 401, 403].map((status) => ({ from, path: '/api/proxy/list', status })),
    ...['list', 'create'].map((name) => ({ from, path: `/api/token/${name}`, status: 403 })),
    { from, path: '/api/proxy/list', status: 401 },
  ])
})

test('figures are there for Prometheus, each time as they are', async () => {
  const relay = await startRelay()
  const admin = await relay.token('laptop', { client_id: null, admin: true })
  const echo = await startEcho()
  await playAgent(relay.url, (await relay.token()).token)
  const { id, local_port } = await relay.proxy(echo.port)
  await ask(local_port, 'hello')
  await until(async () => (await relay.relay.proxyStats())[0]?.open === 0, 'it is over')
  const headers = { authorization: `Bearer ${admin.token}` }
  for (let i = 0; i < 2; i++) {
    const response = await fetch(`http://127.0.0.1:${relay.port}/api/metrics`, { headers })
    expect(response.headers.get('content-type')).toContain('version=0.0.4')
    const lines = (await response.text()).split('\n')
    const labels = `proxy="${id}",agent="laptop",port="${local_port}"`
    expect(lines).toContain('portico_relay_agent_connections{agent="laptop"} 1')
    expect(lines).toContain(`portico_relay_proxy_connections_total{${labels}} 1`)
    expect(lines).toContain(`portico_relay_proxy_bytes_total{${labels},direction="in"} 5`)
  }
  expect((await fetch(`http://127.0.0.1:${relay.port}/api/metrics`)).status).toBe(401)
})

test('tokens are made, listed and revoked on the machine itself', async () => {
  const port = await localApi(await startRelay())
  const made = await call(port, '/api/token/create', { body: { client_id: 'laptop', max_connections: 5 } })
  expect(made).toMatchObject({ status: 201, body: { client_id: 'laptop', token: expect.stringMatching(/^ptk_/) } })
  const { token: _, ...view } = made.body as { token: string; id: string }
  expect(await call(port, '/api/token/list')).toEqual({ status: 200, body: [view] })
  expect(await call(port, '/api/token/revoke', { body: { id: view.id } })).toMatchObject({ status: 200 })
  expect(await call(port, '/api/token/list')).toEqual({ status: 200, body: [] })
  expect(await call(port, '/api/token/create', { body: {} })).toMatchObject({ status: 400 })
})
