import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import type { ShareStatus } from '../../src/shared/share-schemas.js'
import { startGateway } from '../support/gateway.js'
import { PUBLIC_HOST, playCloudflared } from '../support/played-cloudflared.js'
import { startUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'
import { startSocketUpstream } from '../support/websocket.js'

const VIA = { kind: 'tool', tool: 'cloudflared' } as const

async function startWithTool() {
  const tool = await playCloudflared()
  const app = await startUpstream((request, response) => {
    if (request.url === '/login') response.writeHead(302, { location: `https://${request.headers.host}/form` }).end()
    else response.end(`shop says ${request.url}`)
  })
  const live = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(`you said ${data}`)))
  const backend = (port: number) => ({ upstream: { backends: [{ url: `http://127.0.0.1:${port}` }] } })
  const routes = [
    { path: '/live', ...backend(live.port) },
    { path: '/', ...backend(app.port) },
  ]
  const host = { ...hostFacts(currentPlatform()), environment: async () => tool.env }
  const gateway = await startGateway({ apps: [{ name: 'shop', routes }] }, { host })
  onTestFinished(async () => {
    await gateway.stop()
    await app.close()
    await live.close()
    await tool.close()
  })
  const { engine } = gateway
  const settled = async (is: (share: ShareStatus) => boolean, what: string) => {
    let share: ShareStatus | undefined
    const look = async () => {
      share = (await engine.call('share.list', {}))[0]
      return share !== undefined && is(share)
    }
    await until(look, () => `${what}: ${JSON.stringify(share)}`, 15_000)
    return share as ShareStatus
  }
  const open = async (wish: object = {}) => {
    const { id } = await engine.call('share.start', { app: 'shop', via: VIA, ...wish })
    await settled((share) => share.id === id && share.state === 'open', 'it is open')
    return { id, ...(await tool.run()) }
  }
  return { tool, app, gateway, engine, settled, open }
}

/** What the tool gets for a visitor. */
async function visit(port: number, target: string, headers: Record<string, string | string[]> = {}) {
  const request = http.get({ host: '127.0.0.1', port, path: target, headers: { host: PUBLIC_HOST, ...headers } })
  const [response] = (await within(once(request, 'response'), 'an answer')) as [IncomingMessage]
  return { status: response.statusCode, headers: response.headers, text: await text(response) }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a tool shows an app: it is told who the visitor is, and its own addresses become public ones', async () => {
  const { engine, app, settled, open } = await startWithTool()
  expect(
    (await engine.call('share.ways', {})).find((way) => way.kind === 'tool' && way.tool === 'cloudflared'),
  ).toEqual({
    kind: 'tool',
    tool: 'cloudflared',
    title: 'Cloudflare Tunnel',
    program: expect.stringMatching(/\/cloudflared$/),
    version: '2025.2.0',
    obstacle: null,
  })
  const { id, port, pid } = await open()
  expect(await settled(() => true, 'it is told')).toMatchObject({ id, via: VIA, url: `https://${PUBLIC_HOST}` })
  const fields = {
    'cf-connecting-ip': '203.0.113.9',
    'x-forwarded-for': '10.6.6.6, 203.0.113.9',
    'x-forwarded-proto': 'http',
  }
  const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'for=10.6.6.6', 'x-real-ip': '10.6.6.6' }
  expect(await visit(port, '/a?b=c', { ...fields, ...forged })).toMatchObject({ status: 200, text: 'shop says /a?b=c' })
  const got = (name: string) => app.last().values(name)
  expect(got('x-forwarded-for')).toEqual(['203.0.113.9, 127.0.0.1'])
  expect(got('x-forwarded-proto')).toEqual(['https'])
  expect(got('x-forwarded-host')).toEqual([PUBLIC_HOST])
  expect(got('x-forwarded-port')).toEqual(['443'])
  expect(got('x-real-ip')).toEqual(['203.0.113.9'])
  expect(got('forwarded')[0]).not.toContain('10.6.6.6')
  expect((await visit(port, '/login')).headers.location).toBe(`https://${PUBLIC_HOST}/form`)
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { host: PUBLIC_HOST } })
  onTestFinished(() => socket.terminate())
  await within(once(socket, 'open'), 'a WebSocket')
  socket.send('hello')
  expect(String((await within(once(socket, 'message'), 'its answer'))[0])).toBe('you said hello')
  const { stats } = await settled((share) => share.stats.open > 0, 'it is counted')
  expect(stats).toMatchObject({ requests: 3, latencyMs: null })
  expect(stats.bytesIn).toBeGreaterThan(300)
  const closed = once(socket, 'close')
  expect(await engine.call('share.stop', { id })).toMatchObject({ state: 'ended' })
  await within(closed, 'the WebSocket ends')
  expect(isRunning(pid)).toBe(false)
  await expect(visit(port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('nobody gets through its port by another name, nor without the password, of which the app hears nothing', async () => {
  const { app, open } = await startWithTool()
  const { port } = await open({ login: { user: 'guest', password: 'sesame' } })
  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`guest:${password}`).toString('base64')}`,
  })
  for (const host of [
    'evil.example',
    `127.0.0.1:${port}`,
    'localhost',
    'shop.localhost',
    `${PUBLIC_HOST}.evil.example`,
  ]) {
    expect((await visit(port, '/', { host, ...basic('sesame') })).status, host).toBe(421)
  }
  const unasked = await visit(port, '/')
  expect(unasked).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': expect.stringMatching(/^Basic realm=/) },
  })
  expect((await visit(port, '/', basic('wrong'))).status).toBe(401)
  expect(app.requests).toHaveLength(0)
  expect(await visit(port, '/in', basic('sesame'))).toMatchObject({ status: 200, text: 'shop says /in' })
  expect(app.last().values('authorization')).toEqual([])
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { headers: { host: 'evil.example' } })
  const [error] = (await within(once(socket, 'error'), 'a refusal')) as [Error]
  expect(error.message).toContain('421')
})

test('a tool that ends is started again, and ends with the gateway', async () => {
  const { tool, gateway, settled, open } = await startWithTool()
  const { pid, port } = await open()
  process.kill(pid, 'SIGKILL')
  await settled(({ state }) => state === 'waiting', 'it waits')
  const { reason } = await settled(() => true, 'why')
  expect(reason?.message).toContain('Cloudflare Tunnel was ended by SIGKILL')
  const again = await tool.run(pid)
  expect(again.port).toBe(port)
  await settled(({ state }) => state === 'open', 'it is open again')
  expect((await visit(port, '/again')).status).toBe(200)
  await gateway.engine.stop({ drainMs: 3_000 })
  expect(isRunning(again.pid)).toBe(false)
})
