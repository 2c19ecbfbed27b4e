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
  send(): void {}
  close(code: number): void {
    this.done.push(`close ${code}`)
    this.emit('close')
  }
  terminate(): void {
    this.done.push('terminate')
    this.emit('close')
  }
}

function setUp(touch: () => boolean = () => true) {
  const far = new FarSide()
  const portal = new RecordingPortal()
  new PanelSocket({
    ...{ socket: far as unknown as WebSocket, duplex: new PassThrough(), session: 's', client: '127.0.0.1', portal },
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
