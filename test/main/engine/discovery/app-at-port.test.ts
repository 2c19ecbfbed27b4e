import { expect, test } from 'vitest'
import { appAtPort } from '../../../../src/main/engine/discovery/app-at-port.js'
import type { App } from '../../../../src/shared/config.js'

const upstream = (name: string, ...urls: string[]): App => ({
  name,
  routes: [{ path: '/', upstream: { backends: urls.map((url) => ({ url })) } }],
})

test.each([
  [{ name: 'a', port: 3000 }, 'a'],
  [{ name: 'a', port: 3001 }, null],
  [upstream('a', 'http://10.0.0.1:3000', 'http://127.0.0.1:3000'), 'a'],
  [upstream('a', 'http://[::1]:3000'), 'a'],
  [upstream('a', 'http://localhost:3000'), 'a'],
  [upstream('a', 'http://example.com:3000'), null],
  [{ name: 'a', process: { command: 'npm run dev', port: 3000 } }, 'a'],
  [{ name: 'a', process: { command: 'npm run dev', port: 'auto' } }, null],
  [{ name: 'a', enabled: false, port: 3000 }, 'a'],
] satisfies [App, string | null][])('%j leads to port 3000: %s', (app, name) => {
  expect(appAtPort([{ name: 'site', static: { dir: '.' } }, app], 3000)).toBe(name)
})

test('a URL without a port has that of its scheme', () => {
  expect(appAtPort([upstream('a', 'http://localhost'), upstream('b', 'https://localhost')], 80)).toBe('a')
  expect(appAtPort([upstream('a', 'http://localhost'), upstream('b', 'https://localhost')], 443)).toBe('b')
})
