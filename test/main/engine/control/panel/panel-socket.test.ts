import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import pino from 'pino'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { EventFeed } from '../../../../../src/main/engine/control/event-feed.js'
import { PanelSocket } from '../../../../../src/main/engine/control/panel/panel-socket.js'
import { until } from '../../../../support/wait.js'
import { RecordingPortal } from '../recording-portal.js'

/** The far side of a WebSocket: notes what is done to it. */
class FarSide extends EventEmitter {
  readonly OPEN = 1
  readonly readyState = 1
  readonly bufferedAmount = 0
  readonly done: string[] = []
  answersPings = true

  ping(): void {
    this.done.push('ping')
    if (this.answersPings) this.emit('pong')
  }
  pause(): void {}
  resume(): void {}
  readonly sent: string[] = []
  send(line: string): void {
    this.sent.push(line)
  }
  close(code: number): void {
    this.done.push(`close ${code}`)
    this.emit('close')
  }
  terminate(): void {
    this.done.push('terminate')
    this.emit('close')
  }
}

function setUp(touch: () => boolean = () => true, client = '127.0.0.1') {
  const far = new FarSide()
  const portal = new RecordingPortal()
  new PanelSocket({
    ...{ socket: far as unknown as WebSocket, duplex: new PassThrough(), session: 's', client, portal },
    ...{ feed: new EventFeed(portal), log: pino({ level: 'silent' }), touch, meter: { bytesIn: 0, bytesOut: 0 } },
    pingMs: 5,
  })
  return { far, portal }
}

const pings = (far: FarSide) => far.done.filter((one) => one === 'ping').length

test('a window that answers pings lives on and keeps its session in use', async () => {
  let touched = 0
  const { far } = setUp(() => ++touched > 0)
  await until(() => pings(far) > 3, 'some pings')
  expect(far.done).not.toContain('terminate')
  expect(touched).toBeGreaterThan(3)
  far.close(1000)
})

test('a window that answers no pings is broken off', async () => {
  const { far } = setUp()
  far.answersPings = false
  await until(() => far.done.includes('terminate'), 'the end of the window')
  expect(pings(far)).toBe(1)
})

test('a window whose session has ended meanwhile is closed', async () => {
  const { far } = setUp(() => false)
  await until(() => far.done.includes('close 1008'), 'the end of the window')
})

test('nothing is carried out for a session that has ended', async () => {
  const { far, portal } = setUp(() => false)
  far.emit('message', Buffer.from('{"id":1,"name":"stop"}'), false)
  await until(() => far.done.includes('close 1008'), 'the end of the window')
  expect(portal.calls).toEqual([])
})

const CHANGES = [
  ['trust.apply', { action: 'install', id: 'x' }],
  ['system.apply', { group: 'names', action: 'install', id: 'x' }],
  ['ca.rotate', {}],
  ['ca.seal', { sealed: true }],
  ['lan.set', { enabled: true }],
  ['phones.open', {}],
  ['share.start', { app: 'shop', via: { kind: 'tool', tool: 'ngrok' } }],
  ['share.relay.save', { url: 'wss://relay.example.com', token: 'x' }],
  ['tunnel.open', { relay: 'wss://relay.example.com', allow: [] }],
] as const

test.each(CHANGES)('a window on another machine may not have %s', async (name, params) => {
  const { far, portal } = setUp(() => true, '192.168.1.7')
  far.emit('message', Buffer.from(JSON.stringify({ id: 1, name, params })), false)
  await until(() => far.sent.length === 1, 'the answer')
  expect(JSON.parse(far.sent[0]!)).toMatchObject({
    id: 1,
    fault: { code: 'forbidden', hint: expect.stringContaining('on the machine itself') },
  })
  expect(portal.calls).toEqual([])
  far.emit('message', Buffer.from('{"id":2,"name":"status"}'), false)
  await until(() => portal.calls.length === 1, 'what changes nothing')
  far.close(1000)
})

test.each(CHANGES)('a window on this machine may have %s', async (name, params) => {
  const { far, portal } = setUp()
  far.emit('message', Buffer.from(JSON.stringify({ id: 1, name, params })), false)
  await until(() => portal.calls.length === 1, 'the call')
  far.close(1000)
})
