import { expect, test } from 'vitest'
import { appOf, draftOf, EMPTY_DRAFT, parseJson, problemsOf } from '../../src/renderer/features/apps/app-draft.js'
import { doubledName, EMPTY_PROCESS } from '../../src/renderer/features/apps/process-draft.js'
import { type App, appSchema } from '../../src/shared/config.js'

const APPS: App[] = [
  { name: 'shop', port: 3000 },
  { name: 'docs', static: { dir: './site', spa: true }, hosts: ['docs.localhost', '*.docs.localhost'] },
  { name: 'api', routes: [{ path: '/', upstream: { backends: [{ url: 'http://127.0.0.1:1' }], balance: 'random' } }] },
  {
    name: 'split',
    enabled: false,
    routes: [
      { path: '/a/*', static: { dir: '.' } },
      { path: '/', process: true },
    ],
    process: { command: 'x' },
  },
  { name: 'weighted', routes: [{ path: '/', upstream: { backends: [{ url: 'http://127.0.0.1:1', weight: 3 }] } }] },
  { name: 'signed', port: 1, certificate: 'self-signed' },
  { name: 'plain', process: { command: 'npm run dev' } },
  {
    name: 'full',
    process: {
      command: ['node', 'server.js', 'a b'],
      cwd: '~/full',
      env: { A: '1', B: '' },
      envFile: '.env',
      port: 3000,
      start: 'request',
      readyWhen: 'ready in \\d+ ms',
      idleStop: '30m',
      dependsOn: ['db', 'mail'],
      watch: ['src/**'],
      stopSignal: 'SIGINT',
    },
  },
]

test.each(APPS)('$name comes back from the form as it went in', (app) => {
  expect(appOf(draftOf(app))).toEqual(appSchema.parse(app))
})

test('the form shows what it has fields for, and keeps the rest for the raw view', () => {
  expect(APPS.map((app) => draftOf(app).kind)).toEqual([
    'port',
    'directory',
    'backends',
    'other',
    'other',
    'port',
    'process',
    'process',
  ])
})

test('problems are told in the words of the schema, by path', () => {
  const draft = { ...EMPTY_DRAFT, name: 'Shop!', port: 'abc', hosts: 'ok.localhost\nhttps://x' }
  expect(problemsOf(appOf(draft))).toEqual([
    { path: 'name', message: 'must be 1 to 63 lower-case letters, digits or inner hyphens' },
    {
      path: 'hosts[1]',
      message: 'must be a host name such as "shop.localhost" or "*.shop.localhost", without "https://"',
    },
    { path: 'port', message: 'must be a port from 1 to 65535' },
  ])
})

test('a backend with a path is refused at its line', () => {
  const draft = { ...EMPTY_DRAFT, name: 'api', kind: 'backends' as const, backends: 'http://a:1\nhttp://b:2/x' }
  expect(problemsOf(appOf(draft)).map(({ path }) => path)).toEqual(['routes[0].upstream.backends[1].url'])
})

test('text that is not JSON is told apart from an app that is wrong', () => {
  expect(parseJson('{"name":')).toHaveProperty('reason')
  expect(parseJson('{"name":"x"}')).toEqual({ value: { name: 'x' } })
})

test('mistakes in a process are told by the field; what is left empty is not written', () => {
  const process = { ...EMPTY_PROCESS, port: 'three', idleStop: 'long', readyWhen: '(' }
  const app = appOf({ ...EMPTY_DRAFT, name: 'shop', kind: 'process', process })
  expect(app).toEqual({ name: 'shop', process: { command: '', port: 'three', idleStop: 'long', readyWhen: '(' } })
  expect(problemsOf(app).map(({ path }) => path)).toEqual([
    'process.command',
    'process.port',
    'process.readyWhen',
    'process.idleStop',
  ])
  expect(
    doubledName([
      { name: 'A', value: '1' },
      { name: 'B', value: '' },
      { name: 'A ', value: '2' },
    ]),
  ).toBe('A')
})
