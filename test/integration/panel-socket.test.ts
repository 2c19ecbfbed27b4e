import { describe, expect, test } from 'vitest'
import type WebSocket from 'ws'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { ask, type Frame, openedPanel, startPanel } from '../support/panel.js'
import { until } from '../support/wait.js'
import { closed } from '../support/websocket.js'

describe.each(PROTOCOLS)('the panel’s WebSocket over $name', (protocol) => {
  test('carries out commands of the contract and passes events on', async () => {
    const panel = await startPanel()
    const socket = await panel.connect(protocol, panel.own(await panel.login())).then(openedPanel)
    const frames: Frame[] = []
    socket.on('message', (data) => frames.push(JSON.parse(String(data))))

    expect(await ask(socket, 1, 'status')).toMatchObject({ id: 1, result: { state: 'running' } })
    expect(await ask(socket, 2, 'app.add', { app: { name: 'shop', port: 1 } })).toMatchObject({
      result: { name: 'shop' },
    })
    expect(await ask(socket, 3, 'app.add', { app: { name: 'shop' } })).toMatchObject({ fault: { code: 'bad-request' } })
    expect(await ask(socket, 4, '__proto__')).toMatchObject({ fault: { code: 'bad-request' } })

    socket.send(JSON.stringify({ subscribe: 'exchange' }))
    await ask(socket, 5, 'status') // subscribed by then: frames are obeyed in order
    await panel.get({ host: 'shop.localhost', path: '/seen' })
    await until(() => frames.some(({ event }) => event === 'exchange'), 'the event of a request')
    expect(frames.find(({ event }) => event === 'exchange')?.payload).toMatchObject({ app: 'shop', path: '/seen' })

    socket.close(1000)
    expect(await closed(socket)).toMatchObject({ code: 1000 })
    const entry = await panel.gateway.entry('/api')
    expect(entry).toMatchObject({ app: null, error: null, status: protocol === HTTP1 ? 101 : 200 })
    expect(entry.bytesIn).toBeGreaterThan(0)
    expect(entry.bytesOut).toBeGreaterThan(0)
  })

  test('is closed when its session is revoked, and another one’s is not', async () => {
    const panel = await startPanel()
    const [mine, other] = [await panel.login(), await panel.login()]
    const sockets = await Promise.all(
      [mine, other].map((cookie) => panel.connect(protocol, panel.own(cookie)).then(openedPanel)),
    )
    const [first, second] = sockets as [WebSocket, WebSocket]
    const before = await panel.gateway.engine.call('panel.sessions', {})
    const ends = closed(first)
    const doomed = before.find(({ createdAt }) => createdAt === before.map((one) => one.createdAt).sort()[0])
    await panel.gateway.engine.call('panel.revoke', { id: doomed?.id as string })
    expect(await ends).toMatchObject({ code: 1008 })
    expect(await ask(second, 1, 'status')).toMatchObject({ result: {} })
  })

  test('stops the gateway when it is asked to, and ends with it', async () => {
    const panel = await startPanel()
    const socket = await panel.connect(protocol, panel.own(await panel.login())).then(openedPanel)
    const ends = closed(socket)
    expect(await ask(socket, 1, 'stop')).toEqual({ id: 1, result: {} })
    expect((await ends).code).toBe(1001)
    await panel.gateway.engine.stopped
  })

  test.each([
    ['what is not JSON', 'hello', 1002],
    ['what is no frame', '{"id":-1,"name":"status"}', 1002],
    ['bytes', Buffer.from('{"id":1,"name":"status"}'), 1003],
    ['more than a megabyte', `"${'x'.repeat(1024 * 1024)}"`, 1009],
  ])('is closed by %s', async (_name, data, code) => {
    const panel = await startPanel()
    const socket = await panel.connect(protocol, panel.own(await panel.login())).then(openedPanel)
    const ends = closed(socket)
    socket.send(data)
    expect((await ends).code).toBe(code)
    expect(panel.gateway.engine.status().state).toBe('running')
  })

  test('answers what was asked in one go, in order', async () => {
    const panel = await startPanel()
    const socket = await panel.connect(protocol, panel.own(await panel.login())).then(openedPanel)
    const ids: unknown[] = []
    socket.on('message', (data) => ids.push((JSON.parse(String(data)) as Frame).id))
    for (let id = 0; id < 500; id++) socket.send(JSON.stringify({ id, name: 'app.list' }))
    await until(() => ids.length === 500, 'all answers')
    expect(ids).toEqual(Array.from({ length: 500 }, (_, id) => id))
  })
})

test.each(PROTOCOLS)(
  'a window over $name that does not read misses events and is told how many',
  async (protocol) => {
    const panel = await startPanel()
    const socket = await panel.connect(protocol, panel.own(await panel.login())).then(openedPanel)
    let received = 0
    let missed = 0
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame
      if (frame.event === 'exchange') received += 1
      if (frame.missed === 'exchange') missed += frame.count ?? 0
    })
    socket.send(JSON.stringify({ subscribe: 'exchange' }))
    await ask(socket, 1, 'status')
    socket.pause()
    const path = `/${'x'.repeat(7_000)}`
    const sent = 2_500
    for (let i = 0; i < sent; i += 50)
      await Promise.all(Array.from({ length: 50 }, () => panel.get({ host: 'nobody.localhost', path, anyName: true })))
    socket.resume()
    await until(
      () => received + missed === sent,
      () => `${received} received and ${missed} missed`,
      15_000,
    )
    expect(missed).toBeGreaterThan(0)
  },
  120_000,
)

test('a panel that is switched off, or closed to the network, closes its windows as far as they are concerned', async () => {
  const panel = await startPanel()
  const socket = await panel.connect(HTTP1, panel.own(await panel.login())).then(openedPanel)
  await panel.gateway.configure({ panel: { lan: false } })
  expect(await ask(socket, 1, 'status')).toMatchObject({ result: {} })
  const ends = closed(socket)
  await panel.gateway.configure({ panel: { enabled: false } })
  expect((await ends).code).toBe(1001)
})

test.each([
  ['another version', ['Sec-WebSocket-Version', '12'], 426],
  ['a key that is none', ['Sec-WebSocket-Key', 'short'], 400],
] as const)('a handshake with %s is refused', async (_name, [name, value], status) => {
  const panel = await startPanel()
  const fields: Record<string, string> = {
    ...panel.own(await panel.login()),
    ...{ Connection: 'Upgrade', Upgrade: 'websocket' },
    ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', [name]: value },
  }
  expect((await panel.get({ path: '/api', headers: Object.entries(fields) })).status).toBe(status)
})
