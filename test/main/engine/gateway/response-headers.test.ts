import { describe, expect, test } from 'vitest'
import { forwardedResponseHeaders, forwardedTrailers } from '../../../../src/main/engine/gateway/response-headers.js'

describe('a response', () => {
  test('loses what was meant for the connection, and keeps what frames it', () => {
    const raw = ['Connection', 'x-a, content-length', 'X-A', '1', 'Content-Length', '5', 'Transfer-Encoding', 'chunked']
    expect(forwardedResponseHeaders(raw, false, false)).toEqual(['Content-Length', '5'])
  })

  test('has lower-case names for HTTP/2, values untouched', () => {
    expect(forwardedResponseHeaders(['X-A', 'Va Lue'], true, false)).toEqual(['x-a', 'Va Lue'])
  })

  test('trailers keep only what may come late', () => {
    expect(forwardedTrailers(['Grpc-Status', '0', 'Content-Length', '5', 'Set-Cookie', 'a=1'])).toEqual([
      'Grpc-Status',
      '0',
    ])
  })
})
