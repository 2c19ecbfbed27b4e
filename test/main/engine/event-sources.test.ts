import { EventEmitter } from 'node:events'
import { beforeEach, expect, test } from 'vitest'
import { EventSources } from '../../../src/main/engine/event-sources.js'

let events: EventEmitter
let steps: string[]
let sources: EventSources

beforeEach(() => {
  events = new EventEmitter()
  steps = []
  sources = new EventSources(events, {
    ports: { start: () => void steps.push('start'), stop: () => void steps.push('stop') },
  })
})

test('a source works from the first follower to the last, and again for the next', () => {
  const first = sources.on('ports', () => {})
  const second = sources.on('ports', () => {})
  first()
  expect(steps).toEqual(['start'])
  second()
  expect(steps).toEqual(['start', 'stop'])
  sources.on('ports', () => {})
  expect(steps).toEqual(['start', 'stop', 'start'])
})

test('a subscription that is ended twice ends no other, not even of the same listener', () => {
  const heard: unknown[] = []
  const listener = (payload: unknown) => heard.push(payload)
  const first = sources.on('ports', listener)
  sources.on('ports', listener)
  first()
  first()
  events.emit('ports', [])
  expect(heard).toEqual([[]])
  expect(steps).toEqual(['start'])
})

test('events without a source are passed on all the same', () => {
  const heard: unknown[] = []
  const end = sources.on('exchange', (entry) => heard.push(entry))
  events.emit('exchange', 1)
  end()
  events.emit('exchange', 2)
  expect(heard).toEqual([1])
  expect(steps).toEqual([])
})

test('after the end nothing is started any more', () => {
  const end = sources.on('ports', () => {})
  sources.close()
  end()
  sources.on('ports', () => {})
  expect(steps).toEqual(['start', 'stop'])
})
