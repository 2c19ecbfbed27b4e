import { beforeEach, describe, expect, test } from 'vitest'
import type { Target } from '../../../../src/main/engine/upstreams/target.js'
import { Upstreams } from '../../../../src/main/engine/upstreams/upstreams.js'
import { attempt, CLIENT, type Handle, NONE, route, target } from './target.js'

const A = 'http://127.0.0.1:1'
const B = 'http://127.0.0.1:2'
const BREAKER = { failures: 2, cooldownMs: 1_000 }

let now = 0
let upstreams: Upstreams

beforeEach(() => {
  now = 0
  upstreams = new Upstreams({ now: () => now })
})

const pick = (from: Target, tried: ReadonlySet<object> = NONE): Handle | null =>
  upstreams.pick(from, CLIENT, 1_000, tried)
const urls = (from: Target, count = 4) => [...new Set(Array.from({ length: count }, () => attempt(pick(from))))].sort()
const dialFails = (one: Handle) => one.failed('dial', 'Nothing listens there.')

function placed(backends: string[], more: Partial<Target> = {}): Target {
  const made = target(backends, more)
  upstreams.apply([route(made)])
  return made
}

/** Lets attempts at one backend fail, and those at others succeed. */
function failAt(from: Target, url: string, times: number): void {
  for (let failed = 0, tries = 0; failed < times; tries++) {
    if (tries > 1_000) throw new Error(`${url} is not chosen`)
    const picked = attempt(pick(from), (one) => (one.backend.url === url ? dialFails(one) : one.answered(200)))
    if (picked === url) failed += 1
  }
}

describe('failures to connect', () => {
  test('in a row leave a backend out while there is another, until one request has tried it', () => {
    const both = placed([A, B])
    failAt(both, A, 3)
    expect(urls(both)).toEqual([B])
    now = 4_999
    expect(urls(both)).toEqual([B])
    now = 5_000
    const trials = Array.from({ length: 4 }, () => pick(both)).filter((one) => one?.backend.url === A)
    expect(trials.length).toBeGreaterThan(0)
    const trial = trials[0] as Handle
    trial.begin()
    expect(urls(both)).toEqual([B])
    trial.answered(200)
    trial.release()
    expect(urls(both)).toEqual([A, B])
  })

  test('of the trial leave it out for twice as long', () => {
    const both = placed([A, B])
    failAt(both, A, 3)
    now = 5_000
    failAt(both, A, 1)
    now = 14_999
    expect(urls(both)).toEqual([B])
    now = 15_000
    expect(urls(both)).toEqual([A, B])
  })

  test('never leave a single backend out: it is tried with the very next request', () => {
    const single = placed([A])
    for (let i = 0; i < 20; i++) failAt(single, A, 1)
    expect(upstreams.list()[0]).toMatchObject({ health: 'unhealthy', retryAt: null })
    expect(urls(single)).toEqual([A])
    expect(upstreams.list()[0]).toMatchObject({ health: 'healthy' })
  })

  test('of all of them leave none out', () => {
    const both = placed([A, B])
    for (let i = 0; i < 12; i++) attempt(pick(both), dialFails)
    const first = pick(both) as Handle
    const second = pick(both, new Set([first])) as Handle
    expect([first.backend.url, second.backend.url].sort()).toEqual([A, B])
  })

  test('say when it is tried again', () => {
    const both = placed([A, B])
    failAt(both, A, 3)
    const retryAt = Date.parse(upstreams.list()[0]?.retryAt ?? '')
    expect(Math.abs(retryAt - Date.now() - 5_000)).toBeLessThan(1_000)
    expect(upstreams.list()[1]?.retryAt).toBe(null)
  })

  test('a trial that was given up lets another one be made', () => {
    const both = placed([A, B], { balance: 'first' })
    failAt(both, A, 3)
    now = 5_000
    attempt(pick(both), () => {})
    expect(attempt(pick(both))).toBe(A)
  })
})

test('an exchange whose trial has failed is not sent there again, and finds the other one', () => {
  const both = placed([A, B], { balance: 'first' })
  failAt(both, A, 3)
  for (let i = 0; i < 3; i++) attempt(pick(both), dialFails)
  now = 5_000
  const trial = pick(both) as Handle
  expect(attempt(trial, dialFails)).toBe(A)
  expect(attempt(pick(both, new Set([trial])))).toBe(B)
})

test('a rate of failed answers leaves a backend out', () => {
  const passive = { failures: 3, errorRate: 0.5, windowMs: 10_000, cooldownMs: 1_000 }
  const both = placed([A, B], { passive })
  for (let i = 0; i < 20; i++) attempt(pick(both), (one) => one.answered(one.backend.url === A ? 500 : 200))
  expect(urls(both)).toEqual([B])
  expect(upstreams.list()[0]).toMatchObject({
    health: 'unhealthy',
    reason: 'It answered with status 500. Too many of its latest answers were failures.',
  })
  now = 1_000
  expect(urls(both)).toEqual([A, B])
})

describe('the breaker', () => {
  test('refuses after failures in a row, says why and when, lets one probe through, and closes with it', () => {
    const single = placed([A], { breaker: BREAKER })
    attempt(pick(single), (one) => one.answered(503))
    attempt(pick(single), (one) => one.failed('answer', 'It broke off.'))
    expect(pick(single)).toBe(null)
    const reason = 'It broke off. That was 2 failures in a row.'
    expect(upstreams.refusals(single)).toEqual([{ url: A, reason, retryInMs: 1_000 }])
    expect(upstreams.list()[0]).toMatchObject({ health: 'unhealthy', breaker: 'open', reason })
    expect(Math.abs(Date.parse(upstreams.list()[0]?.retryAt ?? '') - Date.now() - 1_000)).toBeLessThan(500)

    now = 1_000
    const probe = pick(single) as Handle
    const rival = pick(single) as Handle
    probe.begin()
    rival.begin() // it was chosen in the same moment, and decides nothing
    expect(pick(single)).toBe(null)
    expect(upstreams.list()[0]).toMatchObject({ breaker: 'half-open', retryAt: null })
    rival.answered(200)
    rival.release()
    expect(upstreams.list()[0]).toMatchObject({ breaker: 'half-open' })
    probe.answered(200)
    probe.release()
    expect(upstreams.list()[0]).toMatchObject({ health: 'healthy', breaker: 'closed', reason: null, retryAt: null })
    expect(attempt(pick(single))).toBe(A)
  })

  test('opens again with a failed probe', () => {
    const single = placed([A], { breaker: BREAKER })
    for (let i = 0; i < 2; i++) attempt(pick(single), dialFails)
    now = 1_000
    attempt(pick(single), (one) => one.answered(500))
    expect(pick(single)).toBe(null)
    expect(upstreams.refusals(single)).toMatchObject([{ retryInMs: 1_000, reason: 'It answered with status 500.' }])
  })

  test('of one backend leaves the requests to the others', () => {
    const both = placed([A, B], { breaker: BREAKER })
    failAt(both, A, 2)
    expect(urls(both)).toEqual([B])
    expect(upstreams.refusals(both)).toMatchObject([{ url: A }])
  })

  test('ignores what was under way when it opened', () => {
    const single = placed([A], { breaker: BREAKER })
    const late = pick(single) as Handle
    late.begin()
    for (let i = 0; i < 2; i++) attempt(pick(single), dialFails)
    late.answered(200)
    late.release()
    expect(pick(single)).toBe(null)
    expect(upstreams.list()[0]).toMatchObject({ health: 'unhealthy', breaker: 'open' })
  })

  test('is there only where the config asks for it', () => {
    const single = placed([A])
    for (let i = 0; i < 50; i++) attempt(pick(single), (one) => one.failed('answer', 'It broke off.'))
    expect(attempt(pick(single))).toBe(A)
  })

  test('stays as it is when the config changes, and goes with its settings', () => {
    const single = placed([A], { breaker: BREAKER })
    for (let i = 0; i < 2; i++) attempt(pick(single), dialFails)
    expect(pick(placed([A], { breaker: BREAKER }))).toBe(null)
    expect(attempt(pick(placed([A])))).toBe(A)
  })
})

describe('draining', () => {
  const drain = (draining: boolean, more = {}) => upstreams.drain({ app: 'shop', url: A, ...more }, draining)

  test('sends nothing new to a backend, lets what is under way end, and is taken back', () => {
    const both = placed([A, B], { balance: 'first' })
    const under = pick(both) as Handle
    under.begin()
    drain(true)
    expect(urls(both)).toEqual([B])
    expect(upstreams.list()[0]).toMatchObject({ draining: true, inFlight: 1 })
    under.answered(200)
    under.release()
    expect(upstreams.list()[0]).toMatchObject({ draining: true, inFlight: 0, health: 'healthy' })
    drain(false)
    expect(urls(both)).toEqual([A])
  })

  test('of all of them refuses, and says so', () => {
    const single = placed([A])
    drain(true)
    expect(pick(single)).toBe(null)
    expect(upstreams.refusals(single)).toEqual([
      { url: A, reason: 'It is being drained: it gets no new requests.', retryInMs: null },
    ])
  })

  test('outlives a change of the config', () => {
    placed([A, B])
    drain(true)
    expect(urls(placed([A, B], { balance: 'random' }))).toEqual([B])
  })

  test('is for the named route, or for all of the app', () => {
    const routes = ['/', '/api/*'].map((path) => route(target([A]), { route: path }))
    upstreams.apply([...routes, route(target([A]), { app: 'other' })])
    const draining = () => upstreams.list().map((one) => one.draining)
    drain(true, { route: '/api/*', url: `${A}/` })
    expect(draining()).toEqual([false, true, false])
    drain(true)
    expect(draining()).toEqual([true, true, false])
  })

  test.each([{ url: B }, { app: 'nobody' }, { route: '/x' }, { url: 'nonsense' }])('%j is not found', (place) => {
    placed([A])
    expect(() => drain(true, place)).toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})

describe('sticky', () => {
  const sticky = { sticky: { cookie: 'portico-backend', maxAgeSeconds: null } }
  const sent = (from: Target, value: string | null) =>
    attempt(upstreams.pick(from, { client: '127.0.0.1', sticky: value }, 1_000, NONE))
  const valueFor = (from: Target, url: string): string => {
    for (let tries = 0; tries < 1_000; tries++) {
      const picked = pick(from) as Handle
      if (picked.backend.url === url) return upstreams.stickyValue(from, picked)
    }
    throw new Error(`${url} is not chosen`)
  }

  test('a value leads back to its backend, also under a new config and after a restart with the same key', () => {
    const key = Buffer.alloc(32, 7)
    upstreams = new Upstreams({ stickyKey: () => key })
    const value = valueFor(placed([A, B], sticky), B)
    expect(value).toMatch(/^[\w-]+\.[\w-]+$/)
    const later = placed([B, A], sticky)
    for (let i = 0; i < 4; i++) expect(sent(later, value)).toBe(B)
    upstreams = new Upstreams({ stickyKey: () => key })
    expect(sent(placed([A, B], sticky), value)).toBe(B)
  })

  test('a forged value, one of another key or of another app is as none', () => {
    const both = placed([A, B], sticky)
    const value = valueFor(both, B)
    const forged = value.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    const foreign = new Upstreams()
    const theirs = target([A, B], sticky)
    foreign.apply([route(theirs)])
    const other = foreign.stickyValue(theirs, foreign.pick(theirs, CLIENT, 1_000, NONE) as object)
    const app = target([A, B], sticky)
    upstreams.apply([route(both), route(app, { app: 'other' })])
    for (const wrong of [forged, other, '', valueFor(app, B)]) {
      const reached = new Set([sent(both, wrong), sent(both, wrong)])
      expect([...reached].sort(), wrong).toEqual([A, B])
    }
  })

  test('leads nowhere else while its backend is out, and back when it is in again', () => {
    const both = placed([A, B], sticky)
    const value = valueFor(both, A)
    upstreams.drain({ app: 'shop', url: A }, true)
    expect(sent(both, value)).toBe(B)
    upstreams.drain({ app: 'shop', url: A }, false)
    expect(sent(both, value)).toBe(A)
  })

  test('is nothing where the config does not ask for it', () => {
    const both = placed([A, B])
    expect(upstreams.stickyValue(both, pick(both) as object)).toBe('')
  })
})
