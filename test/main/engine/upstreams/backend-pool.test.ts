import { afterEach, expect, test } from 'vitest'
import { Upstreams } from '../../../../src/main/engine/upstreams/upstreams.js'
import { startRawUpstream } from '../../../support/raw-upstream.js'
import { startUpstream } from '../../../support/upstream.js'
import { until } from '../../../support/wait.js'
import { CLIENT, type Handle, NONE, route, send, target } from './target.js'

const ends: (() => unknown)[] = []
const upstreams = new Upstreams()

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function handleOf(url: string, connections = { max: 1024, idleMs: 4_000 }): Handle {
  const picked = upstreams.pick(target([url], { connections }), CLIENT, 1_000, NONE)
  if (picked === null) throw new Error('no backend')
  return picked
}

test('there are no more connections than the config allows, and the others wait', async () => {
  const held: (() => void)[] = []
  const upstream = await startUpstream((_request, response) => held.push(() => response.end('ok')))
  ends.push(() => upstream.close())
  const handle = handleOf(upstream.url, { max: 2, idleMs: 4_000 })
  const answers = [1, 2, 3, 4].map(() => send(handle))
  await until(() => held.length === 2, 'two requests')
  expect(upstream.connections.size).toBe(2)
  expect((handle as unknown as { queued: number }).queued).toBe(2)
  for (let i = 0; i < 4; i++) {
    await until(() => held.length > i, 'a request')
    held[i]?.()
  }
  expect((await Promise.all(answers)).map(({ result }) => result)).toEqual([200, 200, 200, 200])
  expect(upstream.connections.size).toBe(2)
})

test('an unused connection is closed after the time that the config gives it, whatever the backend offers', async () => {
  const upstream = await startRawUpstream(({ socket }) =>
    socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nContent-Length: 0\r\n\r\n'),
  )
  ends.push(() => upstream.close())
  await send(handleOf(upstream.url, { max: 1, idleMs: 200 }))
  await until(() => upstream.sockets[0]?.readyState !== 'open', 'it is closed', 3_000)
})

test('a request knows whether its connection has carried another one before', async () => {
  const upstream = await startUpstream()
  ends.push(() => upstream.close())
  const handle = handleOf(upstream.url)
  expect(await send(handle)).toEqual({ result: 200, reused: false })
  await until(async () => (await send(handle)).reused, 'a used one')
  for (const socket of upstream.connections) socket.destroy()
  await until(() => upstream.connections.size === 0, 'it is closed')
  await until(async () => !(await send(handle)).reused, 'a fresh one')
})

test('a request that meets a connection which is just closing is told that it was a used one', async () => {
  const upstream = await startRawUpstream(({ socket, turn }) => {
    if (turn === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    else socket.destroy()
  })
  ends.push(() => upstream.close())
  const handle = handleOf(upstream.url)
  let outcome = await send(handle)
  await until(async () => {
    outcome = await send(handle)
    return outcome.reused
  }, 'a used one')
  expect(outcome.result).toEqual(expect.any(String))
})

test('an exchange that chose its backend before the config left it out is still served', async () => {
  const upstream = await startUpstream()
  ends.push(() => upstream.close())
  const made = target([upstream.url])
  upstreams.apply([route(made)])
  const handle = upstreams.pick(made, CLIENT, 1_000, NONE) as Handle & { pool: { close(): void } }
  await send(handle)
  upstreams.apply([])
  handle.pool.close() // as happens some seconds later
  expect((await send(handle)).result).toBe(200)
  await upstreams.destroy()
})
