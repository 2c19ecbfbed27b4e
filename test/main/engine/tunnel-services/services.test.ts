import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { judgeUnresolved } from '../../../../src/main/engine/tunnel/agent/allow-list.js'
import { parseAllowRule } from '../../../../src/main/engine/tunnel/agent/allow-rules.js'
import type { TunnelStream } from '../../../../src/main/engine/tunnel/tunnel-stream.js'
import { readAllow } from '../../../../src/main/engine/tunnel-services/read-allow.js'
import { ServiceTraffic } from '../../../../src/main/engine/tunnel-services/service-traffic.js'
import { ownPlaces } from '../../../../src/shared/own-places.js'

test('what is allowed is read line by line, each rule once, and a mistake is told with its line', () => {
  const { written, rules } = readAllow([' db.lan:5432 ', '', '10.0.0.0/8', 'db.lan:5432'])
  expect(written).toEqual(['db.lan:5432', '10.0.0.0/8'])
  expect(rules).toEqual(written.map(parseAllowRule))
  expect(readAllow([])).toEqual({ written: [], rules: [] })
  expect(() => readAllow(['db.lan:5432', '', '  ', 'db.lan:0'])).toThrow('Line 4: "db.lan:0" cannot be allowed')
})

test.each<[host: string, port: number, expected: object]>([
  ['127.0.0.1', 3000, { allowed: true }],
  ['app.localhost', 3000, { allowed: true }],
  ['localhost', 3001, { allowed: false, guarded: false }],
  ['127.0.0.1', 443, { allowed: false, guarded: true }],
  ['169.254.169.254', 80, { allowed: false, guarded: true }],
  ['db.lan', 5432, { allowed: true }],
  ['db.lan', 22, { allowed: false, guarded: false }],
  ['10.1.2.3', 22, { allowed: false, guarded: false }],
])('%s:%i is judged without asking for addresses', (host, port, expected) => {
  const rules = [parseAllowRule('db.lan:5432')]
  const facts = { rules, ownPorts: [3000], reservedPorts: [443], reservedPlaces: [], localAddresses: [] }
  expect(judgeUnresolved(host, port, facts)).toMatchObject(expected)
})

test('own are the ports of this machine on which apps that are enabled listen', () => {
  const listener = { address: '127.0.0.1', port: 8443, protocol: 'https' as const, publicPort: 443 }
  const upstream = { backends: [{ url: 'http://localhost:4000' }, { url: 'http://10.0.0.1:4001' }] }
  const places = ownPlaces(
    [
      { name: 'shop', enabled: true, app: { name: 'shop', port: 3000 } },
      { name: 'docs', enabled: true, app: { name: 'docs', routes: [{ path: '/', upstream }] } as never },
      { name: 'off', enabled: false, app: { name: 'off', port: 3001 } },
    ],
    [
      { app: 'shop', port: 3000 },
      { app: 'docs', port: 4555 },
      { app: 'off', port: 4556 },
    ],
    [listener],
  )
  expect(places).toEqual({ ownPorts: [3000, 4000, 4555], reservedPorts: [8443, 443] })
})

/** A user's stream with so many bytes from the user, and to them. */
function streamOf(bytesIn: number, bytesOut: number): TunnelStream {
  return Object.assign(new Duplex({ read() {} }), { bytesIn, bytesOut }) as unknown as TunnelStream
}

function dialled(host: string, port: number, stream: TunnelStream) {
  const target = { kind: 'tcp' as const, host, port }
  return { type: 'dialled' as const, target, address: '10.0.0.5', connectMs: 3, stream }
}

function proxyTo(remoteHost: string, remotePort: number) {
  return { id: `${remoteHost}:${remotePort}`, address: '127.0.0.1:1', remoteHost, remotePort }
}

test('users are counted for each target that a port leads to, as long as it does, and all together', async () => {
  const traffic = new ServiceTraffic()
  traffic.know([proxyTo('db.lan', 5432), proxyTo('fd00::5', 22)])
  const [db, other] = [streamOf(10, 20), streamOf(1, 2)]
  traffic.made(dialled('db.lan', 5432, db))
  traffic.made(dialled('elsewhere.lan', 1, other))
  expect(traffic.of('db.lan', 5432)).toMatchObject({ open: 1, total: 1, bytesIn: 10, bytesOut: 20, connectMs: 3 })
  expect(traffic.of('fd00::5', 22)).toMatchObject({ open: 0, total: 0, connectMs: null })
  expect(traffic.of('elsewhere.lan', 1)).toMatchObject({ open: 0, total: 0 })
  expect(traffic.all.read()).toMatchObject({ open: 2, total: 2, bytesIn: 11, bytesOut: 22 })
  db.destroy()
  await new Promise((resolve) => db.once('close', resolve))
  expect(traffic.of('db.lan', 5432)).toMatchObject({ open: 0, total: 1, bytesIn: 10 })
  expect([...traffic.open].map(({ host }) => host)).toEqual(['elsewhere.lan'])
  traffic.know([proxyTo('db.lan', 5432)])
  expect(traffic.of('db.lan', 5432)).toMatchObject({ total: 1 })
  traffic.know([])
  expect(traffic.of('db.lan', 5432)).toMatchObject({ total: 0 })
})

test('refusals are kept newest first, each kind once, and no more than twenty', () => {
  const traffic = new ServiceTraffic()
  traffic.know([proxyTo('db.lan', 1)])
  const refuse = (port: number, now: number) => {
    const target = { kind: 'tcp' as const, host: 'db.lan', port }
    traffic.refused({ type: 'failed', target, client: '192.0.2.7:1', reason: 'it is not allowed' }, now)
  }
  for (let port = 1; port <= 25; port++) refuse(port, port)
  refuse(7, 100)
  expect(traffic.refusals.length).toBe(20)
  expect(traffic.refusals[0]).toEqual({
    target: 'db.lan:7',
    reason: 'it is not allowed',
    time: new Date(100).toISOString(),
    count: 2,
  })
  expect(traffic.refusals.at(-1)?.target).toBe('db.lan:6')
  expect(traffic.of('db.lan', 1)).toMatchObject({ failed: 1 })
  expect(traffic.all.read().failed).toBe(26)
})
