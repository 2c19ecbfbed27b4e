import type { Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import {
  ConnectTimeout,
  type DialTarget,
  dial,
  lookupBothFamilies,
} from '../../../../src/main/engine/upstreams/dial.js'
import { makeCertificate } from '../../../support/certificate.js'
import { startBlackHole } from '../../../support/hostile/black-hole.js'
import { startUpstream } from '../../../support/upstream.js'
import { until } from '../../../support/wait.js'

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function connect(target: Partial<DialTarget>): Promise<Socket> {
  const whole: DialTarget = {
    host: '127.0.0.1',
    port: 0,
    secure: false,
    serverName: target.host ?? '127.0.0.1',
    ca: undefined,
    insecure: false,
    timeoutMs: 2_000,
    ...target,
  }
  return new Promise((resolve, reject) => {
    dial(whole, (error, socket) => {
      if (socket === null) return reject(error)
      ends.push(() => socket.destroy())
      resolve(socket)
    })
  })
}

async function listening(options: Parameters<typeof startUpstream>[1] = {}) {
  const upstream = await startUpstream(undefined, options)
  ends.push(() => upstream.close())
  return upstream
}

describe('localhost', () => {
  test.each(['127.0.0.1', '::1'])('is reached when only %s listens', async (host) => {
    const { port } = await listening({ host })
    expect((await connect({ host: 'localhost', port })).remoteAddress).toBe(host)
  })

  test('and the names below it are both loopback addresses, without asking a resolver', async () => {
    for (const name of ['localhost', 'db.localhost']) {
      const found = await new Promise((resolve) => {
        lookupBothFamilies(name, { all: true }, (_error, addresses) => resolve(addresses))
      })
      expect(found).toEqual([
        { address: '127.0.0.1', family: 4 },
        { address: '::1', family: 6 },
      ])
    }
  })
})

test('a port that nothing listens on is refused at once', async () => {
  const upstream = await startUpstream()
  await upstream.close()
  await expect(connect({ port: upstream.port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a connection that does not come about in time is given up', async () => {
  const hole = await startBlackHole()
  ends.push(() => hole.close())
  await expect(connect({ port: hole.port, timeoutMs: 300 })).rejects.toBeInstanceOf(ConnectTimeout)
})

test('an attempt that is given up calls nobody and leaves no connection', async () => {
  const upstream = await listening()
  let called = false
  const target = {
    host: '127.0.0.1',
    port: upstream.port,
    secure: false,
    serverName: '',
    ca: undefined,
    insecure: false,
  }
  dial({ ...target, timeoutMs: 2_000 }, () => {
    called = true
  })()
  await connect({ port: upstream.port })
  await until(() => upstream.connections.size === 1, 'only the other connection is left')
  expect(called).toBe(false)
})

describe('TLS', () => {
  const certificate = makeCertificate('DNS:backend.test')
  const ca = Buffer.from(certificate.cert)
  afterAll(() => certificate.remove())

  test('is verified against the given CA and name', async () => {
    const { port } = await listening({ tls: certificate })
    await expect(connect({ port, secure: true, serverName: 'backend.test', ca })).resolves.toBeDefined()
    await expect(connect({ port, secure: true, serverName: 'other.test', ca })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    await expect(connect({ port, secure: true, serverName: 'backend.test' })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    await expect(connect({ port, secure: true, insecure: true })).resolves.toBeDefined()
  })
})
