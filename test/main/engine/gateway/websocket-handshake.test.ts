import { expect, test } from 'vitest'
import type { GatewayFault } from '../../../../src/main/engine/gateway/gateway-fault.js'
import {
  acceptedFields,
  acceptOf,
  handshakeFields,
  readHandshake,
  refusalFlaw,
  switchFlaw,
} from '../../../../src/main/engine/gateway/websocket-handshake.js'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const VERSION = ['Sec-WebSocket-Version', '13']

function statusOf(action: () => unknown): number | null {
  try {
    action()
    return null
  } catch (fault) {
    return (fault as GatewayFault).status
  }
}

test('the example of RFC 6455 section 1.3 is understood', () => {
  expect(readHandshake([...VERSION, 'Sec-WebSocket-Key', KEY], '1.1')).toEqual({ key: KEY, ownKey: false })
  expect(acceptOf(KEY)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('HTTP/2 has no key, so each handshake gets a fresh one', () => {
  const first = readHandshake([...VERSION, 'sec-websocket-key', KEY], '2.0')
  const second = readHandshake(VERSION, '2.0')
  expect(first.ownKey).toBe(true)
  expect(Buffer.from(first.key, 'base64')).toHaveLength(16)
  expect(new Set([KEY, first.key, second.key]).size).toBe(3)
})

test.each([
  [['Sec-WebSocket-Key', KEY], '1.1', 426],
  [['Sec-WebSocket-Version', '13, 8', 'Sec-WebSocket-Key', KEY], '1.1', 426],
  [[...VERSION, ...VERSION, 'Sec-WebSocket-Key', KEY], '1.1', 426],
  [[...VERSION], '1.1', 400],
  [[...VERSION, 'Sec-WebSocket-Key', `${KEY}x`], '1.1', 400],
  [[...VERSION, 'Sec-WebSocket-Key', KEY, 'Content-Length', '1'], '1.1', 400],
  [[...VERSION, 'Sec-WebSocket-Key', KEY, 'Transfer-Encoding', 'chunked'], '1.1', 400],
  [[...VERSION, 'Sec-WebSocket-Key', KEY], '1.0', 400],
  [[], '2.0', 426],
])('%j over HTTP/%s is refused with %i', (headers, version, status) => {
  expect(statusOf(() => readHandshake(headers, version))).toBe(status)
})

test('an empty body is no body', () => {
  expect(readHandshake([...VERSION, 'Sec-WebSocket-Key', KEY, 'Content-Length', '0'], '1.1').key).toBe(KEY)
})

test('fields for the backend: framing is ours, repeated fields stay apart, any name is a name', () => {
  const forwarded = [
    ...[
      'Accept',
      '*/*',
      'sec-websocket-extensions',
      'a',
      'Sec-WebSocket-Extensions',
      'b',
      'Sec-WebSocket-Key',
      'theirs',
    ],
    ...['Content-Length', '0', 'TE', 'trailers', '__proto__', 'polluted', 'Sec-WebSocket-Version', '13'],
  ]
  const fields = handshakeFields(forwarded, 'app.localhost', { key: KEY, ownKey: true })
  expect(Object.entries(fields)).toEqual([
    ['Host', 'app.localhost'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Accept', '*/*'],
    ['sec-websocket-extensions', ['a', 'b']],
    ['__proto__', 'polluted'],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', KEY],
  ])
})

test('a Host that the route sets is kept', () => {
  const fields = handshakeFields(['host', 'other.example'], 'app.localhost', { key: KEY, ownKey: false })
  expect(fields).toMatchObject({ host: 'other.example' })
  expect(fields).not.toHaveProperty('Host')
})

test('a switch must be one to WebSocket, and prove the key that the gateway made', () => {
  const accept = ['Sec-WebSocket-Accept', acceptOf(KEY)]
  const ours = { key: KEY, ownKey: true }
  const theirs = { key: KEY, ownKey: false }
  expect(switchFlaw(['Upgrade', 'WebSocket', ...accept], ours)).toBeNull()
  expect(switchFlaw(['Upgrade', 'websocket'], theirs)).toBeNull()
  expect(switchFlaw(['Upgrade', 'websocket'], ours)).toContain('Sec-WebSocket-Accept')
  expect(switchFlaw(['Upgrade', 'websocket', ...accept, ...accept], ours)).toContain('Sec-WebSocket-Accept')
  expect(switchFlaw(['Upgrade', 'h2c', ...accept], ours)).toContain('"h2c"')
})

test('an answer that the client would take for an acceptance is no refusal', () => {
  expect([101, 200, 204, 299, 300, 404].map((status) => refusalFlaw(status, 200) === null)).toEqual([
    false,
    false,
    false,
    false,
    true,
    true,
  ])
  expect([101, 200, 204, 404].map((status) => refusalFlaw(status, 101) === null)).toEqual([false, true, true, true])
})

test('edits of the route leave alone what the two ends negotiated', () => {
  const headers = ['Sec-WebSocket-Accept', 'x', 'Sec-WebSocket-Protocol', 'chat', 'X-A', '1', 'Content-Length', '0']
  const edits = { set: { 'Sec-WebSocket-Protocol': 'other', 'X-B': '2' }, remove: ['sec-websocket-accept', 'x-a'] }
  expect(acceptedFields(headers, edits, null)).toEqual([
    'Sec-WebSocket-Accept',
    'x',
    'Sec-WebSocket-Protocol',
    'chat',
    'X-B',
    '2',
  ])
  expect(acceptedFields(headers, null, null)).toEqual([
    'Sec-WebSocket-Accept',
    'x',
    'Sec-WebSocket-Protocol',
    'chat',
    'X-A',
    '1',
  ])
})
