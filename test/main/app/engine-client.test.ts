import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EngineClient, START_MS, STOP_MS } from '../../../src/main/app/engine-client.js'
import type { EngineState } from '../../../src/shared/shell-contract.js'

/** The engine's process as the client sees it; it does what the test says, and keeps what it was sent. */
class Child extends EventEmitter {
  readonly sent: { id?: number; name?: string; subscribe?: string; unsubscribe?: string }[] = []
  killed = false
  postMessage(message: object): void {
    this.sent.push(message)
  }
  kill(): boolean {
    this.killed = true
    this.emit('exit', 15)
    return true
  }
  says(message: object): void {
    this.emit('message', message)
  }
  /** answers the latest call */
  answers(outcome: object): void {
    this.says({ id: this.sent.findLast(({ id }) => id !== undefined)?.id, ...outcome })
  }
}

let children: Child[]
let states: EngineState['state'][]
let client: EngineClient

beforeEach(() => {
  vi.useFakeTimers()
  children = []
  states = []
  client = new EngineClient(() => {
    const child = new Child()
    children.push(child)
    return child
  })
  client.onState(({ state }) => states.push(state))
})

afterEach(() => void vi.useRealTimers())

test('calls made before it serves wait, and are answered', async () => {
  client.start()
  const answer = client.call('app.list', {})
  expect(child().sent).toEqual([])
  child().says({ serving: true })
  expect(child().sent).toMatchObject([{ name: 'app.list', params: {} }])
  child().answers({ result: [] })
  expect(await answer).toEqual([])
  expect(states).toEqual(['starting', 'running'])
})

test('what the engine asks of the keychain is answered also before it serves, and never when it is not as agreed', async () => {
  const asked: unknown[] = []
  const keychain = async (ask: unknown) => {
    asked.push(ask)
    return { sealed: 'c2VhbGVk' }
  }
  client = new EngineClient(() => {
    const made = new Child()
    children.push(made)
    return made
  }, keychain)
  client.start()
  child().says({ vault: 1, ask: { do: 'seal', secret: 'not base64!' } })
  child().says({ vault: 2, ask: { do: 'export' } })
  child().says({ vault: 3, ask: { do: 'seal', secret: 'a2V5', more: true } })
  child().says({ vault: 4, ask: { do: 'seal', secret: 'a2V5' } })
  await vi.waitFor(() => expect(child().sent).toHaveLength(1))
  expect(child().sent).toEqual([{ vault: 4, answer: { sealed: 'c2VhbGVk' } }])
  expect(asked).toEqual([{ do: 'seal', secret: 'a2V5' }])
})

test('the answer of a keychain to an engine that has ended goes to no other', async () => {
  const { promise, resolve } = Promise.withResolvers<{ sealed: string }>()
  client = new EngineClient(
    () => {
      const made = new Child()
      children.push(made)
      return made
    },
    () => promise,
  )
  client.start()
  const first = child()
  first.says({ vault: 1, ask: { do: 'seal', secret: 'a2V5' } })
  first.emit('exit', 1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(child()).not.toBe(first)
  resolve({ sealed: 'c2VhbGVk' })
  await vi.advanceTimersByTimeAsync(1)
  expect(children.flatMap(({ sent }) => sent)).toEqual([])
})

test('a fault of the engine reaches the caller, and so does an answer that is not as agreed', async () => {
  serve()
  const faulty = client.call('app.remove', { name: 'x' })
  child().answers({ fault: { code: 'not-found', message: 'no such app' } })
  await expect(faulty).rejects.toMatchObject({ code: 'not-found' })
  const odd = client.call('app.list', {})
  child().answers({ result: 'what?' })
  await expect(odd).rejects.toMatchObject({ code: 'protocol' })
})

test('a crash fails the calls in flight, keeps those that wait, and resumes what was subscribed to', async () => {
  serve()
  const seen: unknown[] = []
  client.on('exchange', (entry) => seen.push(entry.id))
  const flying = client.call('app.list', {})
  child().emit('exit', 9)
  await expect(flying).rejects.toMatchObject({ code: 'not-running' })
  const waiting = client.call('app.list', {})
  vi.advanceTimersByTime(250)
  expect(children).toHaveLength(2)
  child().says({ serving: true })
  expect(child().sent).toMatchObject([{ subscribe: 'exchange' }, { name: 'app.list' }])
  child().answers({ result: [] })
  expect(await waiting).toEqual([])
  child().says({ event: 'exchange', payload: ENTRY })
  expect(seen).toEqual(['1'])
  expect(states).toEqual(['starting', 'running', 'restarting', 'running'])
})

test('an event goes to each listener once, invalid ones to none, and the last to leave ends the subscription', () => {
  serve()
  const seen: unknown[] = []
  const listener = (entry: { id: string }) => seen.push(entry.id)
  const ends = [client.on('exchange', listener), client.on('exchange', listener)]
  child().says({ event: 'exchange', payload: ENTRY })
  child().says({ event: 'exchange', payload: { id: 2 } })
  expect(seen).toEqual(['1', '1'])
  ends[0]?.()
  ends[0]?.()
  expect(child().sent).toEqual([{ subscribe: 'exchange' }])
  ends[1]?.()
  expect(child().sent).toEqual([{ subscribe: 'exchange' }, { unsubscribe: 'exchange' }])
})

test('a refusal is the reason that callers get, and it is tried again by itself and on demand', async () => {
  client.start()
  child().says({ refused: { code: 'port-taken', message: 'Port 443 is taken.', hint: 'Stop nginx.' } })
  expect(child().killed).toBe(true)
  expect(client.state).toMatchObject({ state: 'failed', reason: { code: 'port-taken' } })
  await expect(client.call('status', {})).rejects.toMatchObject({ code: 'not-running', message: 'Port 443 is taken.' })
  vi.advanceTimersByTime(10_000)
  expect(children).toHaveLength(2)
  child().says({ refused: { code: 'port-taken', message: 'Port 443 is taken.' } })
  client.start()
  expect(children).toHaveLength(3)
  child().says({ serving: true })
  expect(client.state).toEqual({ state: 'running', reason: null })
  expect(states).toEqual(['starting', 'failed', 'failed', 'starting', 'running'])
})

test('one that neither serves nor refuses is ended and tried again', () => {
  client.start()
  vi.advanceTimersByTime(START_MS)
  expect(children[0]?.killed).toBe(true)
  expect(client.state.state).toBe('restarting')
})

test('a stop lets the engine end by itself, and by force when it does not', async () => {
  serve()
  const gentle = client.stop()
  expect(child().sent).toMatchObject([{ name: 'stop' }])
  child().answers({ result: {} })
  expect(child().killed).toBe(false)
  child().emit('exit', 0)
  await gentle
  expect(client.state.state).toBe('stopped')
  serve()
  const forced = client.stop()
  vi.advanceTimersByTime(STOP_MS)
  await forced
  expect(child().killed).toBe(true)
  vi.advanceTimersByTime(60_000)
  expect(children).toHaveLength(2)
})

test('an engine that was told to stop by others is not started again', async () => {
  serve()
  child().emit('exit', 0)
  expect(client.state.state).toBe('stopped')
  await expect(client.call('status', {})).rejects.toMatchObject({ code: 'not-running' })
  vi.advanceTimersByTime(60_000)
  expect(children).toHaveLength(1)
})

test('a stop while it waits for its next try ends the trying', async () => {
  serve()
  child().emit('exit', 9)
  const waiting = client.call('status', {})
  const failed = expect(waiting).rejects.toMatchObject({ code: 'not-running' })
  await client.stop()
  await failed
  vi.advanceTimersByTime(60_000)
  expect(children).toHaveLength(1)
})

const ENTRY = {
  time: '2026-01-01T00:00:00.000Z',
  id: '1',
  app: null,
  host: 'x.localhost',
  method: 'GET',
  path: '/',
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
  connectMs: null,
  firstByteMs: null,
  totalMs: 1,
  client: '127.0.0.1',
  protocol: 'h2',
  backend: null,
  attempts: 0,
  error: null,
}

function serve(): void {
  client.start()
  child().says({ serving: true })
}

function child(): Child {
  const latest = children.at(-1)
  if (latest === undefined) throw new Error('no process was forked')
  return latest
}
