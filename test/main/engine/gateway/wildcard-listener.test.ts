import { once } from 'node:events'
import net from 'node:net'
import os from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { Listeners } from '../../../../src/main/engine/gateway/listener.js'
import { openListeners } from '../../../../src/main/engine/open-listeners.js'
import type { Listener } from '../../../../src/shared/contract.js'
import { within } from '../../../support/wait.js'

const own = Object.values(os.networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address

async function listeners(): Promise<Listeners> {
  const provider = { serverOptions: {}, attach: async () => () => undefined }
  const doors = { http1: (socket: net.Socket) => socket.end('served'), http2: () => undefined }
  const made = new Listeners(provider, doors, 100)
  onTestFinished(async () => {
    await made.close()
    made.destroy()
  })
  return made
}

/** What a client that says one byte is told before the connection ends. */
async function say(host: string, port: number): Promise<string> {
  const socket = net.connect({ host, port })
  let heard = ''
  socket
    .on('error', () => undefined)
    .on('data', (chunk) => {
      heard += chunk
    })
  socket.write('G')
  await within(once(socket, 'close'), 'the end of the connection')
  return heard
}

test('through all addresses loopback is served', async () => {
  const made = await listeners()
  const v4 = await made.listen('127.0.0.1', 0, 'http', '0.0.0.0')
  expect(v4.address).toBe('127.0.0.1')
  expect(await say('127.0.0.1', v4.port)).toBe('served')
  const v6 = await made.listen('::1', 0, 'http', '::')
  expect(await say('::1', v6.port)).toBe('served')
})

test.skipIf(own === undefined)('and who comes from another address is turned away', async () => {
  const made = await listeners()
  const { port } = await made.listen('127.0.0.1', 0, 'http', '0.0.0.0')
  expect(await say(own as string, port)).toBe('')
  const open = await made.listen('0.0.0.0', 0, 'http')
  expect(await say(own as string, open.port)).toBe('served')
})

test('where low ports are forbidden on loopback alone, all addresses are asked for, and no others', async () => {
  const asked: string[] = []
  const opener = {
    listen: async (address: string, port: number, protocol: Listener['protocol'], through?: string) => {
      asked.push(`${address} ${port}${through === undefined ? '' : ` through ${through}`}`)
      if (through === undefined && port < 1024) throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
      return { address, port, protocol }
    },
    close: async () => undefined,
  }
  const plan = {
    bind: ['127.0.0.1', '::1'],
    https: { port: 443, fallback: 4443 },
    http: { port: 8080, fallback: null },
  }
  const host = { lowPortsOnAllAddresses: true } as Parameters<typeof openListeners>[2]
  expect(await openListeners(opener, plan, host)).toEqual([])
  expect(asked).toEqual([
    ...['127.0.0.1 443', '127.0.0.1 443 through 0.0.0.0', '::1 443', '::1 443 through ::'],
    ...['127.0.0.1 8080', '::1 8080'],
  ])
})
