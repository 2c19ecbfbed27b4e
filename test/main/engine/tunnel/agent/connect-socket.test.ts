import { expect, test } from 'vitest'
import { connectSocket } from '../../../../../src/main/engine/tunnel/agent/connect-socket.js'
import { startDeafService } from '../../../../support/deaf-service.js'
import { freePort } from '../../../../support/free-port.js'
import { startEcho } from '../../../../support/relay.js'
import { until, within } from '../../../../support/wait.js'

const PLACE = { host: '127.0.0.1', lookup: undefined }

function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

test('an attempt that is not answered has others beside it, and all are given up together', async () => {
  const port = await startDeafService()
  const before = sockets()
  const unwanted = new AbortController()
  const connecting = connectSocket({ ...PLACE, port, timeoutMs: 60_000, signal: unwanted.signal })
  connecting.catch(() => {})
  await until(() => sockets() >= before + 3, 'two more attempts')
  unwanted.abort()
  await expect(connecting).rejects.toThrow('given up')
  await until(() => sockets() === before, 'none is left')
})

test('it ends with its time, or with what is certain at once', async () => {
  const signal = new AbortController().signal
  const late = connectSocket({ ...PLACE, port: await startDeafService(), timeoutMs: 50, signal })
  await expect(within(late, 'the end')).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  const refused = connectSocket({ ...PLACE, port: await freePort(), timeoutMs: 60_000, signal })
  await expect(within(refused, 'the refusal')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('what is connected is the only one, and stays', async () => {
  const { port } = await startEcho()
  const unwanted = new AbortController()
  const socket = await connectSocket({ ...PLACE, port, timeoutMs: 50, signal: unwanted.signal })
  unwanted.abort()
  socket.end('hello')
  expect(String(Buffer.concat(await within(socket.toArray(), 'the echo')))).toBe('hello')
})
