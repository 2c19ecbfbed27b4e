import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { DnsResponder } from '../../../../src/main/engine/dns/dns-responder.js'
import { startGateway } from '../../../support/gateway.js'
import { until, within } from '../../../support/wait.js'

const run = promisify(execFile)
const opened: { close(): Promise<unknown> }[] = []

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function responder(addresses = ['127.0.0.1', '::1']): Promise<DnsResponder & { port: number }> {
  const made = new DnsResponder({ addressesOf: (name) => (name === 'shop.test' ? addresses : null) })
  opened.push(made)
  await made.apply({ enabled: true, port: 0 })
  expect(made.warnings).toEqual([])
  return made as DnsResponder & { port: number }
}

async function dig(port: number, ...words: string[]): Promise<string> {
  const args = [
    ...(words[0]?.startsWith('@') ? [] : ['@127.0.0.1']),
    '-p',
    String(port),
    '+tries=1',
    '+time=5',
    ...words,
  ]
  return (await run('dig', args)).stdout
}

test('dig gets the addresses over UDP and TCP, on both addresses of loopback', async () => {
  const { port } = await responder()
  for (const server of ['@127.0.0.1', '@::1']) {
    for (const how of ['+notcp', '+tcp']) {
      expect(await dig(port, server, how, '+short', 'shop.test', 'A'), `${server} ${how}`).toBe('127.0.0.1\n')
      expect(await dig(port, server, how, '+short', 'shop.test', 'AAAA'), `${server} ${how}`).toBe('::1\n')
    }
  }
})

test('dig finds the answers well formed, whatever it asks', async () => {
  const { port } = await responder()
  for (const words of [
    ['shop.test', 'MX'],
    ['shop.test', 'HTTPS'],
    ['sHOp.tEsT', 'A', '+dnssec', '+subnet=10.0.0.0/8', '+nsid'],
    ['shop.test', 'ANY', '+notcp'],
    ['shop.test', 'A', '+noedns', '+norecurse'],
  ]) {
    const said = await dig(port, ...words)
    expect(said, words.join(' ')).toMatch(/status: NOERROR/)
    expect(said, words.join(' ')).toMatch(/;; flags: qr aa/)
    expect(said, words.join(' ')).not.toMatch(/WARNING: (?!recursion)|malformed|extra bytes/i)
  }
  expect(await dig(port, 'example.com', 'A')).toMatch(/status: REFUSED/)
  expect(await dig(port, 'shop.test', 'A', '+edns=1', '+noednsneg')).toMatch(/status: BADVERS/)
})

test('dig comes back over TCP for what was too much for a datagram', async () => {
  const { port } = await responder(Array.from({ length: 100 }, (_, index) => `127.0.1.${index}`))
  expect((await dig(port, '+short', 'shop.test', 'A')).trim().split('\n')).toHaveLength(100)
  expect(await dig(port, '+ignore', 'shop.test', 'A')).toMatch(/flags: qr aa tc/)
})

test('several queries on one connection are answered in turn, also when they come in pieces', async () => {
  const { port } = await responder()
  expect(await dig(port, '+tcp', '+keepopen', '+short', 'shop.test', 'A', 'shop.test', 'AAAA')).toBe('127.0.0.1\n::1\n')
  const query = Buffer.from(
    '0018 1234 0100 0001 0000 0000 0000 0173 0474657374 00 0001 0001'.replaceAll(' ', ''),
    'hex',
  )
  query.writeUInt16BE(query.length - 2)
  const socket = net.connect(port, '127.0.0.1')
  opened.push({ close: async () => socket.destroy() })
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  for (const byte of Buffer.concat([query, query])) {
    socket.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  await until(() => received === 2 * query.length, 'two answers, REFUSED')
})

test('a client that announces too much, or speaks no DNS, is let go', async () => {
  const { port } = await responder()
  for (const words of [Buffer.from([0xff, 0xff]), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from([0, 1, 0])]) {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write(words)
    await within(once(socket, 'close'), 'the end of the connection')
  }
})

test('a port that is taken is a warning, and is tried again with other settings', async () => {
  const { port } = await responder()
  const second = new DnsResponder({ addressesOf: () => null })
  opened.push(second)
  await second.apply({ enabled: true, port })
  expect(second.port).toBeNull()
  expect(second.warnings).toMatchObject([
    { path: 'dns.port', message: expect.stringContaining(`Port ${port} is taken`) },
  ])
  await second.apply({ enabled: true, port: 0 })
  expect(second.warnings).toEqual([])
  expect(second.port).not.toBeNull()
})

test('the gateway answers for its apps, wildcards and the panel, and follows the config', async () => {
  const { port } = await responder()
  await opened.splice(0)[0]?.close()
  const dns = { enabled: true, port }
  const gateway = await startGateway({ dns, apps: [{ name: 'shop', port: 1, hosts: ['shop.test', '*.shop.test'] }] })
  opened.push({ close: () => gateway.stop() })
  for (const name of ['shop.test', 'a.b.shop.test', 'portico.localhost']) {
    expect(await dig(port, '+short', name, 'A'), name).toBe('127.0.0.1\n')
    expect(await dig(port, '+short', name, 'AAAA'), name).toBe('::1\n')
  }
  expect(await dig(port, 'docs.test')).toMatch(/REFUSED/)
  await gateway.configure({ dns, apps: [{ name: 'docs', port: 1, hosts: ['docs.test'] }] })
  expect(await dig(port, '+short', 'docs.test')).toBe('127.0.0.1\n')
  expect(await dig(port, 'shop.test')).toMatch(/REFUSED/)
  await gateway.engine.call('gateway.pause', {})
  await expect(dig(port, '+tcp', 'docs.test')).rejects.toThrow()
  await gateway.engine.call('gateway.resume', {})
  expect(await dig(port, '+short', 'docs.test')).toBe('127.0.0.1\n')
  await gateway.configure({ apps: [] })
  await expect(dig(port, '+tcp', 'docs.test')).rejects.toThrow()
})
