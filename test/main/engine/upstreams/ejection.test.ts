import { describe, expect, test } from 'vitest'
import { Ejection } from '../../../../src/main/engine/upstreams/ejection.js'

const DIAL = { failures: 3, errorRate: Number.POSITIVE_INFINITY, windowMs: 1_000, cooldownMs: 100 }
const RATE = { ...DIAL, errorRate: 0.5 }

function dialFailures(ejection: Ejection, count: number, now: number): Ejection {
  for (let i = 0; i < count; i++) ejection.dialFailed(false, now)
  return ejection
}

describe('failures to connect', () => {
  test('in a row take a backend out for the cooldown', () => {
    const ejection = dialFailures(new Ejection(DIAL), 2, 0)
    expect(ejection.until).toBe(null)
    ejection.dialFailed(false, 10)
    expect(ejection.until).toBe(110)
  })

  test('are not in a row with an answer between, of whatever status', () => {
    const ejection = dialFailures(new Ejection(DIAL), 2, 0)
    ejection.answered(true, false, 0)
    expect(dialFailures(ejection, 2, 0).until).toBe(null)
  })

  test('after that are counted by the trial alone, and double the cooldown up to eight times', () => {
    const ejection = dialFailures(new Ejection(DIAL), 3, 0)
    dialFailures(ejection, 5, 50)
    expect(ejection.until).toBe(100)
    const cooldowns = [0, 0, 0, 0, 0].map(() => {
      const now = ejection.until as number
      ejection.dialFailed(true, now)
      return (ejection.until as number) - now
    })
    expect(cooldowns).toEqual([200, 400, 800, 800, 800])
  })

  test('are forgotten with a good answer, and the doubling too', () => {
    const ejection = dialFailures(new Ejection(DIAL), 3, 0)
    ejection.dialFailed(true, 100)
    ejection.answered(false, true, 300)
    expect(ejection.until).toBe(null)
    expect(ejection.clean).toBe(true)
    expect(dialFailures(ejection, 3, 400).until).toBe(500)
  })

  test('are over when a health check has connected', () => {
    const ejection = dialFailures(new Ejection(DIAL), 3, 0)
    ejection.reached()
    expect(ejection.until).toBe(null)
  })
})

describe('a rate of failed answers', () => {
  const answers = (ejection: Ejection, good: number, bad: number, now: number) => {
    for (let i = 0; i < good; i++) ejection.answered(false, false, now)
    for (let i = 0; i < bad; i++) ejection.answered(true, false, now)
    return ejection
  }

  test('takes a backend out when there were at least ten answers', () => {
    expect(answers(new Ejection(RATE), 0, 9, 0).until).toBe(null)
    expect(answers(new Ejection(RATE), 5, 4, 0).until).toBe(null)
    expect(answers(new Ejection(RATE), 5, 5, 0).until).toBe(100)
  })

  test('is that of the window: what is older does not count', () => {
    const ejection = answers(new Ejection(RATE), 0, 9, 0)
    expect(answers(ejection, 9, 5, 1_500).until).toBe(null)
  })

  test('is never asked for unless the config says so', () => {
    expect(answers(new Ejection(DIAL), 0, 100, 0).until).toBe(null)
  })

  test('is over with a good trial, not with an answer that was under way', () => {
    const ejection = answers(new Ejection(RATE), 5, 5, 0)
    ejection.answered(false, false, 10)
    ejection.reached()
    expect(ejection.until).toBe(100)
    ejection.answered(true, true, 100)
    expect(ejection.until).toBe(300)
    ejection.answered(false, true, 300)
    expect(ejection.until).toBe(null)
    expect(answers(ejection, 0, 9, 310).until).toBe(null)
  })
})
