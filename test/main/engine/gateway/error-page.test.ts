import { describe, expect, test } from 'vitest'
import { errorPage } from '../../../../src/main/engine/gateway/error-page.js'
import { GatewayFault } from '../../../../src/main/engine/gateway/gateway-fault.js'
import { headerValue } from '../../../../src/main/engine/gateway/headers.js'

const FAULT = new GatewayFault('dial-failed', 502, 'shop is <b>not</b> answering.', 'Start "it".\nOr do not.')
const page = (accept: string | undefined, fault = FAULT, app: string | null = 'shop') =>
  errorPage(fault, { accept, requestId: 'r-1', app })

test.each([
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ['TEXT/HTML', 'text/html; charset=utf-8'],
  ['application/json', 'application/json; charset=utf-8'],
  ['application/problem+json, */*', 'application/json; charset=utf-8'],
  ['*/*', 'text/plain; charset=utf-8'],
  ['image/png', 'text/plain; charset=utf-8'],
  ['', 'text/plain; charset=utf-8'],
  [undefined, 'text/plain; charset=utf-8'],
])('Accept "%s" gets %s', (accept, type) => {
  expect(headerValue(page(accept).headers, 'content-type')).toBe(type)
})

describe('every form', () => {
  test.each(['text/html', 'application/json', '*/*'])(
    'as %s says what happened and what to do, is not stored and not sniffed',
    (accept) => {
      const { headers, body } = page(accept)
      expect(body).toContain('502')
      expect(body).toMatch(/not.*answering/)
      expect(body).toContain('Start')
      expect(headerValue(headers, 'cache-control')).toBe('no-store')
      expect(headerValue(headers, 'x-content-type-options')).toBe('nosniff')
    },
  )

  test.each(['text/html', 'application/json', '*/*'])('as %s never has a stack or a cause in it', (accept) => {
    const fault = new GatewayFault('internal', 500, 'It broke.', undefined, [], { cause: new Error('secret inside') })
    const { body } = page(accept, fault)
    expect(body).not.toContain('secret inside')
    expect(body).not.toMatch(/\bat .*:\d+:\d+/)
  })
})

test('HTML escapes whatever came from a request, and forbids scripts', () => {
  const { headers, body } = page('text/html')
  expect(body).toContain('shop is &#60;b&#62;not&#60;/b&#62; answering.')
  expect(body).not.toContain('<b>not')
  expect(body).toContain('<p>Start &#34;it&#34;.</p><p>Or do not.</p>')
  expect(headerValue(headers, 'content-security-policy')).toContain("default-src 'none'")
})

test('JSON is machine-readable, with the app when there is one', () => {
  expect(JSON.parse(page('application/json').body)).toEqual({
    error: {
      status: 502,
      code: 'dial-failed',
      message: 'shop is <b>not</b> answering.',
      hint: 'Start "it".\nOr do not.',
      app: 'shop',
      requestId: 'r-1',
    },
  })
  expect(JSON.parse(page('application/json', FAULT, null).body).error).not.toHaveProperty('app')
})

test('addresses in a hint are links and commands stand out, and neither lets markup through', () => {
  const hint = 'Known apps:\nshop: https://shop.localhost:4443\nTo add it: portico app add <b> --port 3000'
  const fault = new GatewayFault('host-unknown', 404, 'No app is called x.localhost.', hint)
  const { body } = errorPage(fault, { accept: 'text/html', requestId: '1', app: null })
  expect(body).toContain('<a href="https://shop.localhost:4443">https://shop.localhost:4443</a>')
  expect(body).toContain('<code>portico app add &#60;b&#62; --port 3000</code>')
})
