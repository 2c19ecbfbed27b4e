import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  editHeaders,
  forwardedRequestHeaders,
  type Hop,
  headerValue,
  headerValues,
  isLoop,
  upstreamHost,
} from '../../../../src/main/engine/gateway/headers.js'

const HOP: Hop = {
  client: '192.0.2.7',
  trusted: false,
  scheme: 'https',
  authority: 'shop.localhost',
  port: 443,
  version: '1.1',
  pseudonym: 'portico-1',
}

const request = (raw: string[], hop: Partial<Hop> = {}) => forwardedRequestHeaders(raw, { ...HOP, ...hop }, null)

describe('a request', () => {
  test('without anything gets the fields of the gateway, each once', () => {
    expect(request([])).toEqual([
      ...['X-Forwarded-For', '192.0.2.7'],
      ...['X-Forwarded-Proto', 'https'],
      ...['X-Forwarded-Host', 'shop.localhost'],
      ...['X-Forwarded-Port', '443'],
      ...['X-Real-IP', '192.0.2.7'],
      ...['Forwarded', 'for=192.0.2.7;host=shop.localhost;proto=https'],
      ...['Via', '1.1 portico-1'],
    ])
  })

  test('an IPv6 client and a host with a port are quoted in Forwarded (RFC 7239 section 6)', () => {
    const out = request([], { client: '2001:db8::1', authority: 'shop.localhost:4443' })
    expect(headerValue(out, 'forwarded')).toBe('for="[2001:db8::1]";host="shop.localhost:4443";proto=https')
    expect(headerValue(out, 'x-forwarded-for')).toBe('2001:db8::1')
  })

  test('whatever it carries, the backend gets no field of the connection and each of ours once', () => {
    const names = fc.constantFrom(
      ...['Connection', 'keep-alive', 'TE', 'Trailer', 'Transfer-Encoding', 'UPGRADE', 'Proxy-Connection', 'Via'],
      ...['X-Forwarded-For', 'x-forwarded-host', 'Forwarded', 'X-Real-Ip', 'Cookie', 'Host', 'Expect', 'X-A', 'x_a'],
      ...['Content-Length', 'HTTP2-Settings', 'Proxy-Authorization', 'x_forwarded_for', '__proto__', ':authority'],
    )
    const values = fc.constantFrom(
      'a',
      'x-a',
      'trailers',
      'close, x-a',
      '5',
      'gzip, trailers;q=0.1',
      'cookie, host',
      '',
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values)), fc.boolean(), (fields, trusted) => {
        const out = request(fields.flat(), { trusted })
        const lower = out.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
        for (const gone of [
          'connection',
          'keep-alive',
          'transfer-encoding',
          'upgrade',
          'host',
          'expect',
          'x_forwarded_for',
        ])
          expect(lower).not.toContain(gone)
        expect(lower.some((name) => name.startsWith(':'))).toBe(false)
        for (const own of ['x-forwarded-for', 'x-forwarded-host', 'forwarded', 'via', 'x-real-ip'])
          expect(lower.filter((name) => name === own)).toHaveLength(1)
        expect(lower.filter((name) => name === 'cookie').length).toBeLessThan(2)
        for (const value of headerValues(out, 'te')) expect(value).toBe('trailers')
      }),
    )
  })

  test('edits come last, so that they may replace what the gateway writes', () => {
    const out = forwardedRequestHeaders(['X-A', '1'], HOP, { set: { 'X-Forwarded-Proto': 'http' }, remove: ['via'] })
    expect(headerValues(out, 'x-forwarded-proto')).toEqual(['http'])
    expect(headerValues(out, 'via')).toEqual([])
  })
})

test('a set field replaces every field of that name, whatever its case', () => {
  const out = editHeaders(['x-a', '1', 'X-B', '2', 'X-A', '3'], { set: { 'X-a': 'new' } })
  expect(out).toEqual(['X-B', '2', 'X-a', 'new'])
})

test.each([
  [['Via', '1.1 portico-1'], true],
  [['via', '1.0 front, 2 portico-1'], true],
  [['Via', '1.1 portico-2'], false],
  [['X-Via', '1.1 portico-1'], false],
  [[], false],
])('Via %j is a loop: %s', (raw, loop) => {
  expect(isLoop(raw, 'portico-1')).toBe(loop)
})

test.each([
  [null, '127.0.0.1', 'client'],
  [null, 'localhost', 'client'],
  [null, '::1', 'client'],
  [null, 'backend.test', 'backend'],
  [null, '10.0.0.1', 'backend'],
  [true, 'backend.test', 'client'],
  [false, 'localhost', 'backend'],
] as const)('with preserveHost %s and the backend %s the Host is the %s’s', (preserve, host, whose) => {
  expect(upstreamHost(preserve, host, 'backend', 'client')).toBe(whose)
})
