import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'
import { DOORS, endSession, startSocketUpstream } from '../support/websocket.js'

interface Line {
  path: string
  requestId: string
  id: string
  [key: string]: unknown
}

async function start(config: (upstream: TestUpstream) => TestConfig, options = {}) {
  const upstream = await startUpstream((_request, response) =>
    response.setHeader('X-Request-Id', 'of-the-backend').end('ok'),
  )
  const gateway = await startGateway(config(upstream), options)
  onTestFinished(async () => {
    await gateway.stop()
    await upstream.close()
  })
  return { upstream, gateway }
}

async function linesOf({ dataDir }: TestGateway, name: string): Promise<Line[]> {
  const text = await readFile(path.join(dataDir, name), 'utf8').catch(() => '')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}

test('every request of many at once is one whole line, through reloads and rotation', async () => {
  const access = { file: 'logs/{app}.log', maxSize: '1KB', keep: 1000 }
  const { gateway, upstream } = await start(({ port }) => ({ logging: { access }, apps: [{ name: 'app', port }] }))
  const apps = [{ name: 'app', port: upstream.port }]
  const wanted: string[] = []
  for (let round = 0; round < 4; round++) {
    const paths = Array.from({ length: 50 }, (_, i) => `/${round}-${i}`)
    const answers = paths.map((one, i) => (PROTOCOLS[i % 2] as typeof HTTP1).request(gateway, { path: one }))
    await gateway.configure({ logging: { access: { ...access, gzip: false, maxAge: `${round + 1}h` } }, apps })
    await Promise.all(answers)
    wanted.push(...paths)
  }
  await until(() => gateway.entries().length >= 200, 'the entries')
  await gateway.configure({ apps })
  const folder = path.join(gateway.dataDir, 'logs')
  const all = async () => {
    const names = await readdir(folder)
    const lines = await Promise.all(names.map((name) => linesOf(gateway, path.join('logs', name))))
    return { names, paths: lines.flat().map((line) => line.path) }
  }
  await until(async () => (await all()).paths.length >= 200, 'all lines')
  const { names, paths } = await all()
  expect(paths.sort()).toEqual(wanted.sort())
  expect(names.length).toBeGreaterThan(1)
  await HTTP1.request(gateway, { path: '/unlogged' })
  await gateway.entry('/unlogged')
  expect((await all()).paths).not.toContain('/unlogged')
})

test('lines that wait are written when the gateway stops', async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const stdout = new PassThrough()
  const gateway = await startGateway(
    {
      logging: { access: { file: 'last.log' } },
      apps: [
        { name: 'app', port: upstream.port },
        { name: 'out', port: upstream.port, accessLog: 'stdout' },
      ],
    },
    { stdout },
  )
  let text = ''
  // Read when all is over, for the folder goes with the gateway.
  const { engine, dataDir } = gateway
  await HTTP1.request(gateway, { path: '/last' })
  await HTTP1.request(gateway, { host: 'out.localhost', path: '/out' })
  await engine.stop({ drainMs: 1_000 })
  text = await readFile(path.join(dataDir, 'last.log'), 'utf8')
  await gateway.stop()
  expect(JSON.parse(text)).toMatchObject({ path: '/last', app: 'app', status: 200 })
  expect(JSON.parse(String(stdout.read()))).toMatchObject({ path: '/out', app: 'out' })
})

test.each(PROTOCOLS)(
  'an id that is taken over goes to the backend, back, and into all that is told over $name',
  async (client) => {
    const { gateway, upstream } = await start(({ port }) => ({
      logging: { requestId: 'trusted', access: { file: 'a.log', requestHeaders: ['Cookie', 'Accept'] } },
      apps: [{ name: 'app', port }],
    }))
    const headers: [string, string][] = [
      ['X-Request-Id', 'my-own-id-1'],
      ['Cookie', 'sid=S3CRET'],
      ['Accept', '*/*'],
    ]
    const given = await client.request(gateway, { path: '/given?password=S3CRET', headers })
    expect(upstream.last().values('x-request-id')).toEqual(['my-own-id-1'])
    expect(given.values('x-request-id')).toEqual(['my-own-id-1'])
    const made = await client.request(gateway, { path: '/made', headers: [['X-Request-Id', 'not <well> formed']] })
    const entry = await gateway.entry('/made')
    expect(made.values('x-request-id')).toEqual([entry.id])
    expect(upstream.last().values('x-request-id')).toEqual([entry.id])
    const { id } = await gateway.entry('/given?password=***')
    expect(await gateway.engine.call('exchange.get', { id })).toMatchObject({ id, requestId: 'my-own-id-1', notes: [] })
    await until(async () => (await linesOf(gateway, 'a.log')).length === 2, 'the lines')
    const [first, second] = await linesOf(gateway, 'a.log')
    expect(first).toMatchObject({
      requestId: 'my-own-id-1',
      requestHeaders: { cookie: '***', accept: '*/*' },
      route: '/',
    })
    expect(second?.requestId).toBe(entry.id)
    expect(JSON.stringify(first)).not.toContain('S3CRET')
  },
)

test("the gateway's own pages carry the id too, and without the setting nothing is sent", async () => {
  const { gateway, upstream } = await start(({ port }) => ({
    logging: { requestId: 'new' },
    apps: [{ name: 'app', port }],
  }))
  const page = await HTTP1.request(gateway, {
    host: 'nobody.localhost',
    anyName: true,
    headers: [
      ['X-Request-Id', 'my-own-id-1'],
      ['Accept', 'text/html'],
    ],
  })
  expect(page.status).toBe(404)
  const [id] = page.values('x-request-id')
  expect(id).toBe(gateway.entries()[0]?.id)
  expect(page.text).toContain(id)
  await gateway.configure({ apps: [{ name: 'app', port: upstream.port }] })
  const plain = await HTTP1.request(gateway, { headers: [['X-Request-Id', 'passes as it is']] })
  expect(plain.values('x-request-id')).toEqual(['of-the-backend'])
  expect(upstream.last().values('x-request-id')).toEqual(['passes as it is'])
})

test.each(DOORS)('a WebSocket over $name has its id at both ends', async (door) => {
  const sockets = await startSocketUpstream()
  const gateway = await startGateway({ logging: { requestId: 'any' }, apps: [{ name: 'app', port: sockets.port }] })
  onTestFinished(async () => {
    await endSession(gateway)
    await gateway.stop()
    await sockets.close()
  })
  const socket = await door.connect(gateway, '/ws', { headers: { 'x-request-id': 'my-own-id-1' } })
  expect(sockets.handshakes[0]?.headers['x-request-id']).toBe('my-own-id-1')
  socket.close()
  const { id } = await gateway.entry('/ws')
  const detail = await gateway.engine.call('exchange.get', { id })
  expect(
    detail?.responseHeaders?.filter(([name]) => name.toLowerCase() === 'x-request-id').map(([, value]) => value),
  ).toEqual(['my-own-id-1'])
})

test('a log that cannot be written is told of once, harms no request, and goes on when it can', async () => {
  const { gateway } = await start(({ port }) => ({ apps: [{ name: 'app', port }] }))
  const { port } = (await gateway.engine.call('app.list', {}))[0]?.app ?? {}
  const blocked = path.join(gateway.dataDir, 'a.log')
  await mkdir(blocked)
  await gateway.configure({ logging: { access: { file: 'a.log' } }, apps: [{ name: 'app', port: port as number }] })
  const told = () => gateway.engine.status().warnings.filter(({ path: at }) => at === 'logging.access')
  for (let i = 0; i < 5; i++) expect((await HTTP1.request(gateway, { path: `/${i}` })).status).toBe(200)
  await until(() => told().length === 1, 'the warning')
  expect(told()[0]?.message).toContain('EISDIR')
  await rm(blocked, { recursive: true })
  await until(() => told().length === 0, 'that it is over')
  await until(async () => (await linesOf(gateway, 'a.log')).length === 5, 'the lines that waited')
  expect((await stat(blocked)).mode & 0o077).toBe(0)
})
