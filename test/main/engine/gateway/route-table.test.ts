import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RouteTable } from '../../../../src/main/engine/gateway/route-table.js'
import { configSchema } from '../../../../src/shared/config.js'
import { hostMatches } from '../../../../src/shared/hostname.js'

const tableOf = (...hosts: string[][]) =>
  new RouteTable(
    configSchema.parse({ version: 1, apps: hosts.map((list, index) => ({ name: `a${index}`, port: 1, hosts: list })) }),
  )

describe('the host', () => {
  const table = tableOf(['a.test', '*.a.test'], ['x.a.test'], ['*.y.a.test'], ['127.0.0.1', '::1'], ['bücher.test'])

  test.each([
    ['a.test', 'a0', 'a.test'],
    ['b.a.test', 'a0', '*.a.test'],
    ['c.b.a.test', 'a0', '*.a.test'],
    ['x.a.test', 'a1', 'x.a.test'],
    ['z.x.a.test', 'a0', '*.a.test'],
    ['y.a.test', 'a0', '*.a.test'],
    ['z.y.a.test', 'a2', '*.y.a.test'],
    ['127.0.0.1', 'a3', '127.0.0.1'],
    ['::1', 'a3', '::1'],
    ['xn--bcher-kva.test', 'a4', 'xn--bcher-kva.test'],
  ])('%s belongs to %s by %s', (host, app, pattern) => {
    expect(table.find(host)?.name).toBe(app)
    expect(table.pattern(host)).toBe(pattern)
  })

  test.each(['test', 'b.test', 'xa.test', '', 'a.test.evil', '__proto__', 'constructor'])(
    '"%s" belongs to none',
    (host) => {
      expect(table.find(host)).toBe(null)
      expect(table.pattern(host)).toBe(null)
    },
  )

  test('is found as a walk over all patterns would find it', () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
      .map((labels) => labels.join('.'))
    const pattern = fc.tuple(fc.boolean(), name).map(([wild, host]) => (wild ? `*.${host}` : host))
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { minLength: 1, maxLength: 6 }), name, (patterns, host) => {
        const fitting = patterns
          .filter((one) => hostMatches(one, host))
          .sort((a, b) => Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length)
        expect(tableOf(patterns).pattern(host)).toBe(fitting[0] ?? null)
      }),
    )
  })
})

describe('a compiled app', () => {
  const first = (app: object, more: object = {}) => {
    const table = new RouteTable(configSchema.parse({ version: 1, ...more, apps: [app] }))
    return table.apps[0]?.routes[0]
  }

  test('written as a port leads to this machine, on either address family', () => {
    expect(first({ name: 'a', port: 3000 })?.target).toMatchObject({
      kind: 'upstream',
      balance: 'round-robin',
      preserveHost: null,
      backends: [{ url: 'http://localhost:3000', weight: 1, insecure: false }],
    })
  })

  test('takes each timeout from the route, then the defaults, then 5 s, 30 s and 120 s', () => {
    const route = { path: '/', redirect: { to: '/' }, timeouts: { connect: '1s' } }
    const defaults = { timeouts: { connect: '2s', response: '3m' } }
    expect(first({ name: 'a', routes: [route] }, { defaults })?.timeouts).toEqual({
      connect: 1_000,
      response: 180_000,
      idle: 120_000,
    })
    expect(first({ name: 'a', port: 1 })?.timeouts).toEqual({ connect: 5_000, response: 30_000, idle: 120_000 })
  })

  test('has its backends as origins, without a default port', () => {
    const backends = [{ url: 'https://Backend.test:443/' }, { url: 'http://[0::1]:80', weight: 0, insecure: true }]
    const target = first({
      name: 'a',
      routes: [{ path: '/', upstream: { backends: [...backends, { url: 'http://b.test' }] } }],
    })?.target
    expect(target?.kind === 'upstream' && target.backends.map(({ url }) => url)).toEqual([
      'https://backend.test',
      'http://[::1]',
      'http://b.test',
    ])
  })

  test('keeps its order among equals and puts the longest path first', () => {
    const routes = ['/', '/a/*', '/a', '/abc/*', '/abc/d'].map((path) => ({ path, redirect: { to: '/' } }))
    const table = new RouteTable(configSchema.parse({ version: 1, apps: [{ name: 'a', routes }] }))
    expect(table.apps[0]?.routes.map(({ path, prefix }) => path + (prefix ? '/*' : ''))).toEqual([
      ...['/abc/d', '/abc/*', '/a', '/a/*', '/*'],
    ])
  })
})
