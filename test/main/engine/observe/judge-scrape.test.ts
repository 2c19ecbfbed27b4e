import { expect, test } from 'vitest'
import { judgeScrape, type ScrapeRequest } from '../../../../src/main/engine/observe/metrics/judge-scrape.js'

const TOKEN = '0123456789abcdef'
const GOOD: ScrapeRequest = { method: 'GET', target: '/metrics', host: 'localhost:9464', authorization: undefined }
const status = (more: Partial<ScrapeRequest>, token: string | null = null) =>
  judgeScrape({ ...GOOD, ...more }, token)?.status ?? 200

test.each(['localhost', 'localhost:9464', '127.0.0.1:9464', '[::1]:9464', 'LOCALHOST:1'])('%s is let in', (host) => {
  expect(status({ host })).toBe(200)
})

test.each([
  [{ host: 'evil.test:9464' }, 403],
  [{ host: 'localhost.evil.test' }, 403],
  [{ host: undefined }, 400],
  [{ host: '' }, 400],
  [{ target: '/' }, 404],
  [{ target: '/metrics/' }, 404],
  [{ target: '/metrics?x=1' }, 200],
  [{ method: 'POST' }, 405],
  [{ method: 'HEAD' }, 405],
])('%j is answered %d', (more, expected) => expect(status(more)).toBe(expected))

test('a token that is asked for has to be shown, before anything else is told', () => {
  expect(status({}, TOKEN)).toBe(401)
  expect(status({ target: '/other' }, TOKEN)).toBe(401)
  for (const wrong of [`Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN, 'Bearer '])
    expect(status({ authorization: wrong }, TOKEN)).toBe(401)
  expect(status({ authorization: `Bearer ${TOKEN}` }, TOKEN)).toBe(200)
})
