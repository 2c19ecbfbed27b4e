import { describe, expect, test } from 'vitest'
import {
  type RewriteContext,
  rewriteCookie,
  rewriteLocation,
  rewriteResponseHeaders,
} from '../../../../src/main/engine/gateway/rewrite-response.js'

const PUBLIC = 'https://shop.localhost:4443'
const context = (changes: Partial<RewriteContext> = {}): RewriteContext => ({
  backendUrl: 'http://127.0.0.1:3000',
  publicOrigin: PUBLIC,
  stripPrefix: null,
  addPrefix: null,
  ...changes,
})

describe('Location', () => {
  test.each<[location: string, backendUrl: string, expected: string]>([
    ['http://127.0.0.1:3000/x?y=1#z', 'http://127.0.0.1:3000', `${PUBLIC}/x?y=1#z`],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000', `${PUBLIC}/`],
    ['http://127.0.0.1:3000?x', 'http://127.0.0.1:3000', `${PUBLIC}/?x`],
    ['HTTP://127.0.0.1:3000/X', 'http://127.0.0.1:3000', `${PUBLIC}/X`],
    ['//127.0.0.1:3000/x', 'http://127.0.0.1:3000', `${PUBLIC}/x`],
    ['http://localhost:3000/x', 'http://127.0.0.1:3000', `${PUBLIC}/x`],
    ['http://[::1]:3000/x', 'http://localhost:3000', `${PUBLIC}/x`],
    ['http://[0:0:0:0:0:0:0:1]:3000/x', 'http://[::1]:3000', `${PUBLIC}/x`],
    ['http://backend.test/x', 'http://backend.test', `${PUBLIC}/x`],
    ['http://backend.test:80/x', 'http://backend.test', `${PUBLIC}/x`],
    ['https://backend.test:443/x', 'https://backend.test', `${PUBLIC}/x`],
    ['https://backend.test/x', 'http://backend.test', `${PUBLIC}/x`],
    ['http://BACKEND.test./x', 'http://backend.test', `${PUBLIC}/x`],
    ['http://127.0.0.1:3000/a%2Fb%zz', 'http://127.0.0.1:3000', `${PUBLIC}/a%2Fb%zz`],
    ['http://shop.localhost:4443/x', 'http://127.0.0.1:3000', `${PUBLIC}/x`],
    [`${PUBLIC}/x`, 'http://127.0.0.1:3000', `${PUBLIC}/x`],
  ])('%s of the backend %s becomes %s', (location, backendUrl, expected) => {
    expect(rewriteLocation(location, context({ backendUrl }))).toBe(expected)
  })

  test.each([
    '/path?x=1',
    'relative/path',
    '?x=1',
    '#fragment',
    '',
    'https://example.com/',
    'http://127.0.0.1:3001/x',
    'https://127.0.0.1:3001/x',
    'http://127.0.0.1/x',
    'http://127.0.0.10:3000/x',
    'http://127.0.0.1.evil.test:3000/x',
    '//example.com/127.0.0.1:3000',
    'http://127.0.0.1:3000@evil.test/',
    'http://me:secret@127.0.0.1:3000/',
    'http://shop.localhost:5555/',
    'mailto:me@127.0.0.1',
    'http://[broken',
    'myapp://127.0.0.1:3000/x',
  ])('"%s" is left alone', (location) => {
    expect(rewriteLocation(location, context())).toBe(location)
  })

  test.each<[location: string, stripPrefix: string | null, addPrefix: string | null, expected: string]>([
    ['/next', '/api', null, '/api/next'],
    ['/', '/api', null, '/api/'],
    ['/api/next', '/api', null, '/api/next'],
    ['/apix', '/api', null, '/api/apix'],
    ['/base/next', null, '/base', '/next'],
    ['/base', null, '/base', '/'],
    ['/base?x=1', null, '/base', '/?x=1'],
    ['/other', null, '/base', '/other'],
    ['/base/next', '/api', '/base', '/api/next'],
    ['/base', '/api', '/base', '/api/'],
    ['http://127.0.0.1:3000/base/next', '/api', '/base', `${PUBLIC}/api/next`],
    ['http://127.0.0.1:3000', '/api', null, `${PUBLIC}/api/`],
    ['https://example.com/base/next', '/api', '/base', 'https://example.com/base/next'],
    ['relative', '/api', null, 'relative'],
  ])('%s, with %s stripped and %s added on the way in, becomes %s', (location, stripPrefix, addPrefix, expected) => {
    expect(rewriteLocation(location, context({ stripPrefix, addPrefix }))).toBe(expected)
  })
})

describe('Set-Cookie', () => {
  test.each([
    ['a=1; Domain=127.0.0.1; Path=/', 'a=1; Path=/'],
    ['a=1; domain=.127.0.0.1', 'a=1'],
    ['a=1; Path=/; DOMAIN = localhost ; Secure', 'a=1; Path=/; Secure'],
    ['a=1; Domain=shop.localhost', 'a=1; Domain=shop.localhost'],
    ['a=1; Domain=example.com; Secure', 'a=1; Domain=example.com; Secure'],
    ['a="domain=127.0.0.1"; Path=/', 'a="domain=127.0.0.1"; Path=/'],
    ['domain=127.0.0.1; Path=/', 'domain=127.0.0.1; Path=/'],
    ['a=1', 'a=1'],
  ])('%s becomes %s', (cookie, expected) => {
    expect(rewriteCookie(cookie, context())).toBe(expected)
  })
})

test('only Location, Content-Location and Set-Cookie are looked at, in any case and as often as they come', () => {
  const url = 'http://127.0.0.1:3000/x'
  const headers = ['location', url, 'Content-Location', url, 'X-Location', url, 'SET-COOKIE', 'a=1; Domain=127.0.0.1']
  headers.push('Set-Cookie', 'b=2; Domain=localhost', 'Link', `<${url}>`)
  rewriteResponseHeaders(headers, context())
  expect(headers).toEqual([
    ...['location', `${PUBLIC}/x`, 'Content-Location', `${PUBLIC}/x`, 'X-Location', url],
    ...['SET-COOKIE', 'a=1', 'Set-Cookie', 'b=2', 'Link', `<${url}>`],
  ])
})
