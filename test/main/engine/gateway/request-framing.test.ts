import { expect, test } from 'vitest'
import { framingFault, type RequestHead } from '../../../../src/main/engine/gateway/request-framing.js'

const head = (changes: Partial<RequestHead>): RequestHead => ({
  version: '1.1',
  method: 'GET',
  target: '/',
  headers: [],
  ...changes,
})

test.each<[string, Partial<RequestHead>]>([
  ['a path', { target: '/a?b=c' }],
  ['* with OPTIONS', { method: 'OPTIONS', target: '*' }],
  ['one chunked', { headers: ['Transfer-Encoding', ' Chunked\t'] }],
  ['100-continue in any case', { headers: ['Expect', '100-Continue'] }],
])('%s is in order', (_name, changes) => {
  expect(framingFault(head(changes))).toBe(null)
})

test.each<[string, Partial<RequestHead>, number]>([
  ['chunked in HTTP/1.0', { version: '1.0', headers: ['Transfer-Encoding', 'chunked'] }, 400],
  ['another coding', { headers: ['Transfer-Encoding', 'xchunked'] }, 501],
  ['a list of codings', { headers: ['Transfer-Encoding', 'gzip, chunked'] }, 501],
  ['chunked twice', { headers: ['Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'] }, 501],
  ['a coding behind a vertical tab', { headers: ['Transfer-Encoding', '\vchunked'] }, 501],
  ['an empty coding', { headers: ['Transfer-Encoding', ''] }, 501],
  ['an empty target', { target: '' }, 400],
  ['* with GET', { target: '*' }, 400],
  ['a target without a slash', { target: 'x' }, 400],
  ['a fragment', { target: '/x#y' }, 400],
  ['another expectation', { headers: ['Expect', '100-continue', 'Expect', 'more'] }, 417],
])('%s is refused', (_name, changes, status) => {
  expect(framingFault(head(changes))?.status).toBe(status)
})
