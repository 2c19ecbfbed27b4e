import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { AllowFacts } from '../../../../../src/main/engine/tunnel/agent/allow-list.js'
import { parseAllowRule } from '../../../../../src/main/engine/tunnel/agent/allow-rules.js'
import { dialTarget, errorOf } from '../../../../../src/main/engine/tunnel/agent/dial-target.js'
import { freePort } from '../../../../support/free-port.js'
import { within } from '../../../../support/wait.js'

function facts(...allow: string[]): AllowFacts {
  return { rules: allow.map(parseAllowRule), ownPorts: [], reservedPorts: [], reservedPlaces: [], localAddresses: [] }
}

async function listen(address: string): Promise<number> {
  const server = net.createServer((socket) => socket.on('error', () => {}).end('hello'))
  await once(server.listen(0, address), 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

interface Dial {
  allow: string[]
  lookup?: (host: string) => Promise<readonly string[]>
  signal?: AbortSignal
  timeoutMs?: number
}

function dial(host: string, port: number, { allow, ...rest }: Dial): Promise<net.Socket> {
  const options = { facts: facts(...allow), timeoutMs: 4_000, signal: new AbortController().signal, ...rest }
  return within(dialTarget({ kind: 'tcp', host, port }, options), 'the outcome of a dial')
}

async function greeting(socket: net.Socket): Promise<string> {
  const [chunk] = (await within(once(socket, 'data'), 'a greeting')) as [Buffer]
  socket.destroy()
  return chunk.toString()
}

test('localhost is reached at either address of the loopback, without a resolver', async () => {
  const lookup = () => Promise.reject(new Error('nobody is to be asked'))
  for (const address of ['127.0.0.1', '::1']) {
    const port = await listen(address)
    expect(await greeting(await dial('localhost', port, { allow: [`localhost:${port}`], lookup }))).toBe('hello')
    expect(await greeting(await dial('x.localhost', port, { allow: [`localhost:${port}`], lookup }))).toBe('hello')
  }
})

test('a name is resolved once, and what was judged is what is dialled', async () => {
  const port = await listen('127.0.0.1')
  let asked = 0
  const rebinding = async () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254'])
  const socket = await dial('db.lan', port, { allow: [`127.0.0.1:${port}`], lookup: rebinding })
  expect(socket.remoteAddress).toBe('127.0.0.1')
  expect(await greeting(socket)).toBe('hello')
  expect(asked).toBe(1)
})

test('of several addresses only those that are allowed are tried', async () => {
  const port = await listen('::1')
  const lookup = async () => ['169.254.169.254', '127.0.0.1', '::1']
  const socket = await dial('db.lan', port, { allow: [`127.0.0.1:${port}`, `[::1]:${port}`], lookup })
  expect(socket.remoteAddress).toBe('::1')
  socket.destroy()
})

test('a name that leads to the loopback or to metadata is refused, and one that nobody allowed is not looked up', async () => {
  const port = await listen('127.0.0.1')
  const allow = ['db.lan:*']
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '169.254.169.254', 'fe80::1%lo', '0.0.0.0']) {
    const refusal = dial('db.lan', port, { allow, lookup: async () => [address] })
    await expect(refusal).rejects.toMatchObject({ error: 'forbidden' })
  }
  let asked = 0
  const lookup = async () => [`127.0.0.${++asked}`]
  await expect(dial('other.lan', port, { allow, lookup })).rejects.toMatchObject({ error: 'forbidden' })
  expect(asked).toBe(0)
})

test('a target that refuses is unreachable, and the reason says what it was', async () => {
  const port = await freePort()
  const refusal = dial('127.0.0.1', port, { allow: [`127.0.0.1:${port}`] })
  await expect(refusal).rejects.toMatchObject({ error: 'unreachable', message: `127.0.0.1:${port}: ECONNREFUSED` })
})

test('a name that does not exist is unreachable', async () => {
  const lookup = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
  await expect(dial('db.lan', 22, { allow: ['db.lan:22'], lookup })).rejects.toMatchObject({ error: 'unreachable' })
})

test('whoever does not answer in time is given up, also while its name is looked up', async () => {
  const lookup = () => new Promise<never>(() => {})
  const late = dial('db.lan', 22, { allow: ['db.lan:22'], lookup, timeoutMs: 30 })
  await expect(late).rejects.toMatchObject({ error: 'timeout', message: 'db.lan:22 did not answer in 0.03 s' })
})

test('nobody is dialled for whom nobody waits', async () => {
  const gone = new AbortController()
  const dialled = dial('db.lan', 22, {
    allow: ['db.lan:22'],
    lookup: () => new Promise<never>(() => {}),
    signal: gone.signal,
  })
  gone.abort()
  await expect(dialled).rejects.toMatchObject({ error: 'unreachable' })
})

test('codes of the system become errors of the protocol', () => {
  const errors = ['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'EAI_AGAIN', 'EMFILE', 'ENOTFOUND'].map(errorOf)
  expect(errors).toEqual(['unreachable', 'unreachable', 'timeout', 'timeout', 'limit', 'unreachable'])
})
