import { numOpenSockets } from 'http-proxy-3/dist/lib/http-proxy/passes/ws-incoming.js'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'
import { closed, DOORS, message, sessionOf, startSocketUpstream } from '../support/websocket.js'

const COUNT = 500
const AT_ONCE = 50

describe.each(DOORS)('over $name', (door) => {
  test(`${COUNT} tunnels leave nothing behind`, { timeout: 60_000 }, async () => {
    const upstream = await startSocketUpstream((socket) => socket.on('message', (data) => socket.send(data)))
    const gateway = await startGateway({ apps: [{ name: 'app', port: upstream.port }] })
    onTestFinished(async () => {
      if (door.name === 'HTTP/2') (await sessionOf(gateway)).destroy()
      await gateway.stop()
      await upstream.close()
    })
    const open = async () => {
      const client = await door.connect(gateway)
      const echo = message(client)
      client.send('hello')
      await echo
      return client
    }
    const first = await open()
    first.close()
    await closed(first)
    await until(() => upstream.connections.size === 0, 'the first tunnel to be gone')
    const before = handles()

    for (let i = 0; i < COUNT; i += AT_ONCE) {
      const clients = await Promise.all(Array.from({ length: AT_ONCE }, open))
      expect(upstream.connections.size).toBe(AT_ONCE)
      const ends = clients.map(closed)
      for (const client of clients.slice(0, AT_ONCE / 2)) client.close()
      await Promise.all(ends.slice(0, AT_ONCE / 2))
      for (const socket of upstream.server.clients) socket.close()
      await Promise.all(ends)
      await until(() => upstream.connections.size === 0, 'no connection to be left')
    }

    await until(() => gateway.entries().length === COUNT + 1, 'all log entries')
    expect(new Set(gateway.entries().map(({ error }) => error))).toEqual(new Set([null]))
    await until(
      () => handles() <= before,
      () => `${handles()} handles to be at most ${before}`,
    )
    expect(numOpenSockets()).toBe(0)
  })
})

/** Sockets and timers that would keep this process alive. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'TLSWrap').length
}
