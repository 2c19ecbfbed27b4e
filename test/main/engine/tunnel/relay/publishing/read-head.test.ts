import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { hasField, readHead } from '../../../../../../src/main/engine/tunnel/relay/publishing/read-head.js'
import { within } from '../../../../../support/wait.js'

async function connection(): Promise<{ client: Socket; server: Socket }> {
  const listener = net.createServer()
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const client = net.connect((listener.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  const [server] = (await once(listener, 'connection')) as [Socket]
  onTestFinished(() => {
    client.destroy()
    server.destroy()
    listener.close()
  })
  return { client, server }
}

test('a head that comes in pieces is read, and stays to be read again with what follows', async () => {
  const { client, server } = await connection()
  const head = readHead(server)
  for (const piece of ['GET / HTTP/1.1\r', '\nA: b\r\n', '\r\nbody']) {
    client.write(piece)
    await new Promise(setImmediate)
  }
  expect(await within(head, 'the head')).toBe('GET / HTTP/1.1\r\nA: b')
  client.end('!')
  const all = Buffer.concat((await within(server.toArray(), 'all of it')) as Buffer[])
  expect(String(all)).toBe('GET / HTTP/1.1\r\nA: b\r\n\r\nbody!')
})

test('one that ends before its head does, or has one that is too long, has none', async () => {
  const short = await connection()
  const none = readHead(short.server)
  short.client.end('GET / HTTP/1.1\r\n')
  expect(await within(none, 'the end')).toBeNull()
  const long = await connection()
  const tooLong = readHead(long.server)
  long.client.write('x'.repeat(70_000))
  expect(await within(tooLong, 'a refusal')).toBeNull()
})

test('a field counts when it is there once, with that value alone', () => {
  const head = (...fields: string[]) => ['GET / HTTP/1.1', ...fields].join('\r\n')
  expect(hasField(head('Host: x', 'Portico-Relay-Key:  k '), 'portico-relay-key', 'k')).toBe(true)
  for (const fields of [
    [],
    ['Portico-Relay-Key: kk'],
    ['Portico-Relay-Key: k', 'portico-relay-key: k'],
    ['X: portico-relay-key: k'],
  ]) {
    expect(hasField(head(...fields), 'portico-relay-key', 'k')).toBe(false)
  }
})
