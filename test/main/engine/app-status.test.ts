import { expect, test } from 'vitest'
import { appStatus } from '../../../src/main/engine/app-status.js'

const backends = [{ url: 'http://127.0.0.1:8000' }, { url: 'http://127.0.0.1:8001' }]

test('an app has its default host and a URL without the default port', () => {
  expect(appStatus({ name: 'shop', port: 3000 }, 443)).toMatchObject({
    enabled: true,
    hosts: ['shop.localhost'],
    urls: ['https://shop.localhost'],
    target: 'port 3000',
  })
})

test('another port stands in the URL, and wildcards have none', () => {
  const { hosts, urls } = appStatus({ name: 'a', port: 1, hosts: ['*.a.localhost', 'A.localhost', '::1'] }, 4443)
  expect(hosts).toEqual(['*.a.localhost', 'a.localhost', '::1'])
  expect(urls).toEqual(['https://a.localhost:4443', 'https://[::1]:4443'])
})

test('before anything listens the URLs have no port', () => {
  expect(appStatus({ name: 'a', port: 1 }, null).urls).toEqual(['https://a.localhost'])
})

test('a disabled app says so', () => {
  expect(appStatus({ name: 'a', port: 1, enabled: false }, 443).enabled).toBe(false)
})

test.each([
  [{ name: 'a', static: { dir: '/srv/a' } }, 'directory /srv/a'],
  [{ name: 'a', process: { command: 'npm start' } }, 'its process'],
  [{ name: 'a', routes: [{ path: '/', upstream: { backends } }] }, 'http://127.0.0.1:8000, http://127.0.0.1:8001'],
  [
    {
      name: 'a',
      routes: [
        { path: '/old', redirect: { to: '/new' } },
        { path: '/', static: { dir: '/srv' } },
      ],
    },
    'redirect to /new · directory /srv',
  ],
])('the target of %j is "%s"', (app, target) => {
  expect(appStatus(app, 443).target).toBe(target)
})
