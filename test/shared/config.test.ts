import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appHosts, appSchema, configSchema } from '../../src/shared/config.js'

test('an app without hosts answers to its name under localhost', () => {
  expect(appHosts({ name: 'shop' })).toEqual(['shop.localhost'])
})

test('hosts are compared in their normal form, and normalising them twice changes nothing', () => {
  expect(appHosts({ name: 'a', hosts: ['Shop.Localhost.', '*.BÜCHER.localhost', '[::1]'] })).toEqual([
    'shop.localhost',
    '*.xn--bcher-kva.localhost',
    '::1',
  ])
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.domain(), fc.ipV6(), fc.string()), { minLength: 1 }), (hosts) => {
      const once = appHosts({ name: 'a', hosts })
      expect(appHosts({ name: 'a', hosts: once })).toEqual(once)
    }),
  )
})

test('the output of the schema is valid input that gives the same output', () => {
  const once = configSchema.parse({
    version: 1,
    apps: [
      { name: 'a', port: 1 },
      { name: 'b', static: { dir: 'x' } },
    ],
  })
  expect(configSchema.parse(once)).toEqual(once)
})

test.each<[string, object]>([
  ['none', {}],
  ['port and static', { port: 1, static: { dir: 'x' } }],
  ['port and process', { port: 1, process: { command: 'x' } }],
  ['port and routes', { port: 1, routes: [{ path: '/', static: { dir: 'x' } }] }],
  ['a route to a process that is not there', { routes: [{ path: '/', process: true }] }],
])('an app with these targets is refused: %s', (_, targets) => {
  expect(appSchema.safeParse({ name: 'a', ...targets }).success).toBe(false)
})

test.each<[string, object]>([
  ['port', { port: 1 }],
  ['static', { static: { dir: 'x' } }],
  ['process', { process: { command: 'x' } }],
  ['routes', { routes: [{ path: '/', static: { dir: 'x' } }] }],
  ['process and routes', { process: { command: 'x' }, routes: [{ path: '/', process: true }] }],
])('an app with this target is accepted: %s', (_, targets) => {
  expect(appSchema.safeParse({ name: 'a', ...targets }).success).toBe(true)
})

test.each(['a', 'a-b', '0', 'a'.repeat(63)])('%s is a name', (name) => {
  expect(appSchema.safeParse({ name, port: 1 }).success).toBe(true)
})

test.each(['', 'A', '-a', 'a-', 'a.b', 'a b', 'ü', 'a'.repeat(64), '../a'])('%j is no name', (name) => {
  expect(appSchema.safeParse({ name, port: 1 }).success).toBe(false)
})

test('what the schema accepts as a path or prefix can stand in a request line', () => {
  const text = fc.oneof(
    fc.webPath(),
    fc.string(),
    fc.string().map((path) => `/${path}`),
    fc.string({ unit: 'binary' }).map((path) => `/${path}`),
  )
  fc.assert(
    fc.property(text, (path) => {
      for (const route of [
        { path },
        { path: '/', stripPrefix: path },
        { path: '/', addPrefix: path },
        { path: '/', redirect: { to: path } },
      ]) {
        const accepted = appSchema.safeParse({ name: 'a', routes: [{ static: { dir: 'x' }, ...route }] }).success
        const redirect = 'redirect' in route && appSchema.safeParse({ name: 'a', routes: [route] }).success
        if (accepted || redirect) expect(path).toMatch(/^\/?[\x21-\x7e]*$/)
      }
    }),
    { numRuns: 1_000 },
  )
})

test.each<[string, object, object[], string | null]>([
  ['the panel’s default host by name', {}, [{ name: 'portico', port: 1 }], 'apps.0.name'],
  [
    'a host of the panel, spelt otherwise',
    {},
    [{ name: 'a', hosts: ['x.test', 'Portico.Localhost.'], port: 1 }],
    'apps.0.hosts.1',
  ],
  [
    'the host that the panel was given',
    { host: 'gate.test' },
    [{ name: 'a', hosts: ['gate.test'], port: 1 }],
    'apps.0.hosts.0',
  ],
  ['the host that the panel has left', { host: 'gate.test' }, [{ name: 'portico', port: 1 }], null],
  ['the host of a panel that is off', { enabled: false }, [{ name: 'portico', port: 1 }], null],
  ['a wildcard above the panel', {}, [{ name: 'a', hosts: ['*.localhost'], port: 1 }], null],
])('an app that claims %s', (_, panel, apps, refusedAt) => {
  const { error } = configSchema.safeParse({ version: 1, panel, apps })
  expect(error?.issues.map(({ path }) => path.join('.')) ?? []).toEqual(refusedAt === null ? [] : [refusedAt])
})

test.each(['127.0.0.1', '::1', '*.localhost', 'https://portico.localhost', ''])('the panel cannot be at %j', (host) => {
  expect(configSchema.safeParse({ version: 1, panel: { host } }).success).toBe(false)
})

test('an app that waits for itself in the end is refused with the way round', () => {
  const process = (...dependsOn: string[]) => ({ command: 'x', dependsOn })
  const apps = [
    { name: 'shop', process: process('api') },
    { name: 'api', process: process('db') },
    { name: 'db', process: process('shop') },
    { name: 'own', process: process('own', 'later') },
  ]
  const result = configSchema.safeParse({ version: 1, apps })
  expect(result.error?.issues.map(({ path, message }) => [path.join('.'), message])).toEqual([
    ['apps.0.process.dependsOn.0', 'closes a circle: shop waits for api waits for db waits for shop'],
    ['apps.1.process.dependsOn.0', 'closes a circle: api waits for db waits for shop waits for api'],
    ['apps.2.process.dependsOn.0', 'closes a circle: db waits for shop waits for api waits for db'],
    ['apps.3.process.dependsOn.0', 'closes a circle: own waits for own'],
  ])
})
