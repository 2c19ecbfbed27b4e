import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { isFree, leasePort, preferredPort } from '../../../../src/main/engine/supervisor/port-lease.js'

test('an app prefers the same port in every run, below the range of outgoing connections', () => {
  expect(preferredPort('shop', '/a')).toBe(preferredPort('shop', '/a'))
  expect(preferredPort('shop', '/a')).not.toBe(preferredPort('shop', '/b'))
  const ports = Array.from({ length: 500 }, (_, index) => preferredPort(`app-${index}`))
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(4_100)
  expect(Math.max(...ports)).toBeLessThanOrEqual(4_999)
  expect(new Set(ports).size).toBeGreaterThan(300)
})

test('the preferred port is taken when it is free', async () => {
  const port = await leasePort(null)
  expect(await leasePort(port)).toBe(port)
})

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])(
  'a port on which somebody listens at %s is passed over',
  async (host) => {
    const port = await listen(host)
    expect(await isFree(port)).toBe(false)
    const leased = await leasePort(port)
    expect(leased).not.toBe(port)
    expect(await isFree(leased)).toBe(true)
  },
)

test('two leases at once get different ports', async () => {
  const given = new Set<number>()
  const lease = async () => {
    const port = await leasePort(4_700, (candidate) => given.has(candidate))
    given.add(port)
    return port
  }
  const ports = await Promise.all(Array.from({ length: 12 }, lease))
  expect(new Set(ports).size).toBe(12)
})

test('when the whole range is taken, the system chooses', async () => {
  const port = await leasePort(4_200, (candidate) => candidate < 5_000)
  expect(port).toBeGreaterThanOrEqual(5_000)
})

test('what others listen on by default is not given away unasked', async () => {
  expect(await leasePort(null, (candidate) => candidate < 4_321)).not.toBe(4_321)
})

async function listen(host: string): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return (server.address() as net.AddressInfo).port
}
