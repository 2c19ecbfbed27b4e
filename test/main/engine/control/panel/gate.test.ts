import { describe, expect, test } from 'vitest'
import { judgeRequest, type PanelRequest, panelOrigin } from '../../../../../src/main/engine/control/panel/gate.js'

const ACCESS = { host: 'portico.localhost', lan: false }
const ORIGIN = 'https://portico.localhost:4443'

function request(changes: Partial<PanelRequest> = {}): PanelRequest {
  return {
    ...{ method: 'GET', path: '/', webSocket: false, session: true, client: '127.0.0.1', port: 4443 },
    ...{ sni: 'portico.localhost', authority: 'portico.localhost:4443', origins: [] },
    ...{ site: undefined, mode: undefined, dest: undefined, purpose: undefined },
    ...changes,
  }
}

const socket = (changes: Partial<PanelRequest> = {}) =>
  request({ webSocket: true, path: '/api', origins: [ORIGIN], ...changes })
const judge = (changes: Partial<PanelRequest>, lan = false) => judgeRequest(request(changes), { ...ACCESS, lan })
const judgeSocket = (changes: Partial<PanelRequest>) => judgeRequest(socket(changes), ACCESS)
const refused = (status: number) => expect.objectContaining({ kind: 'refuse', status })
const TOP = { mode: 'navigate', dest: 'document' }

test('a session gets files and the API', () => {
  expect(judge({})).toEqual({ kind: 'file' })
  expect(judge({ method: 'HEAD', path: '/assets/a.js' })).toEqual({ kind: 'file' })
  expect(judgeSocket({})).toEqual({ kind: 'socket' })
})

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['192.168.1.7', false],
  ['10.0.0.1', false],
  ['::ffff:192.168.1.7', false],
  ['fe80::1', false],
  ['2001:db8::1', false],
  ['0.0.0.0', false],
  ['', false],
])('a peer at %j comes in without "lan": %j', (client, welcome) => {
  expect(judge({ client }).kind === 'file').toBe(welcome)
  expect(judge({ client, path: '/login' }).kind === 'login').toBe(welcome)
  expect(judge({ client }, true)).toEqual({ kind: 'file' })
})

test.each([
  ['another name', { authority: 'evil.example:4443' }],
  ['a name below', { authority: 'a.portico.localhost:4443' }],
  ['another port', { authority: 'portico.localhost:8443' }],
  ['no port where one is needed', { authority: 'portico.localhost' }],
  ['a connection opened for another name', { sni: 'evil.example' }],
])('%s is not the panel, cookie or not', (_name, changes) => {
  expect(judge(changes)).toEqual(refused(421))
  expect(judge({ ...changes, path: '/login' })).toEqual(refused(421))
  expect(judgeSocket(changes)).toEqual(refused(421))
})

test('port 443 may be left out, and the case of the name is free', () => {
  expect(judge({ port: 443, authority: 'Portico.Localhost' })).toEqual({ kind: 'file' })
  expect(judge({ port: 443, authority: 'portico.localhost:443' })).toEqual({ kind: 'file' })
  expect(panelOrigin('portico.localhost', 443)).toBe('https://portico.localhost')
})

describe('what another site makes a browser send', () => {
  test.each([
    ['a foreign origin', { origins: ['https://evil.example'] }],
    ['the null origin', { origins: ['null'] }],
    ['no origin', { origins: [] }],
    ['no origin, cross-site', { origins: [], site: 'cross-site' }],
    ['its own origin, yet cross-site', { site: 'cross-site' }],
    ['two origins', { origins: [ORIGIN, ORIGIN] }],
    ['the origin of another port', { origins: ['https://portico.localhost'] }],
    ['the origin without TLS', { origins: ['http://portico.localhost:4443'] }],
    ['a sibling app', { origins: ['https://shop.localhost:4443'], site: 'same-site' }],
  ])('opens no WebSocket with %s', (_name, changes) => {
    expect(judgeSocket(changes)).toEqual(refused(403))
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('does nothing by %s', (method) => {
    expect(judge({ method })).toEqual(refused(403))
    expect(judge({ method, origins: ['null'] })).toEqual(refused(403))
    expect(judge({ method, origins: [ORIGIN], site: 'cross-site' })).toEqual(refused(403))
    expect(judge({ method, origins: [ORIGIN] })).toEqual(refused(405))
    expect(judge({ method, origins: [ORIGIN], session: false })).toEqual({ kind: 'no-session', foreign: false })
  })

  test('embeds and fetches nothing', () => {
    expect(judge({ site: 'cross-site', mode: 'no-cors', dest: 'script' })).toEqual(refused(403))
    expect(judge({ site: 'same-site', mode: 'cors', dest: 'empty' })).toEqual(refused(403))
    expect(judge({ site: 'cross-site', mode: 'navigate', dest: 'iframe' })).toEqual(refused(403))
    expect(judge({ site: 'cross-site', mode: 'navigate', dest: 'iframe', path: '/login' })).toEqual(refused(403))
    expect(judge({ origins: ['https://evil.example'] })).toEqual(refused(403))
  })

  test('may lead a person to the panel', () => {
    expect(judge({ site: 'cross-site', ...TOP })).toEqual({ kind: 'file' })
    expect(judge({ site: 'cross-site', ...TOP, session: false })).toEqual({ kind: 'no-session', foreign: true })
    expect(judge({ site: 'cross-site', ...TOP, path: '/login', session: false })).toEqual({ kind: 'login' })
  })
})

test('without a session there is the login and nothing else', () => {
  const session = false
  expect(judge({ session, path: '/login' })).toEqual({ kind: 'login' })
  for (const path of ['/', '/assets/a.js', '/api', '/nothing', '/login/'])
    expect(judge({ session, path })).toEqual({ kind: 'no-session', foreign: false })
  expect(judge({ session, path: '/login', method: 'HEAD' })).toEqual({ kind: 'no-session', foreign: false })
  expect(judgeSocket({ session })).toEqual({ kind: 'no-session', foreign: false })
})

test('a browser that only fetches ahead does not use up a link', () => {
  expect(judge({ path: '/login', purpose: 'prefetch;prerender', ...TOP })).toEqual(refused(403))
})

test('the API is for WebSockets, and WebSockets are for the API', () => {
  expect(judge({ path: '/api' })).toEqual(refused(426))
  expect(judgeSocket({ path: '/' })).toEqual(refused(404))
})
