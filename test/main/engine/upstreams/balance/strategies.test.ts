import { describe, expect, test } from 'vitest'
import { textHash } from '../../../../../src/main/engine/upstreams/balance/hash.js'
import { makeStrategy } from '../../../../../src/main/engine/upstreams/balance/make-strategy.js'
import type { Candidate } from '../../../../../src/main/engine/upstreams/balance/strategy.js'

interface Named extends Candidate {
  name: string
  weight: number
  inFlight: number
}

const named = (name: string, weight = 1, inFlight = 0): Named => ({
  name,
  weight,
  inFlight,
  hash: textHash(name),
  credit: 0,
})

/** The same numbers in each run. */
function seeded(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const client = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
const PICKS = 10_000

describe.each(['round-robin', 'random', 'least-connections', 'ip-hash'])('%s', (balance) => {
  test('sends to each in proportion to its weight, within 2 % over 10,000 picks', () => {
    const candidates = [named('a', 5), named('b', 3), named('c', 2), named('out', 0)]
    const strategy = makeStrategy<Named>(balance, seeded())
    const picked = new Map<string, number>()
    for (let i = 0; i < PICKS; i++) {
      const name = strategy.pick(candidates, client(i))?.name ?? 'none'
      picked.set(name, (picked.get(name) ?? 0) + 1)
    }
    const shares = ['a', 'b', 'c', 'out'].map((name) => (picked.get(name) ?? 0) / PICKS)
    for (const [index, expected] of [0.5, 0.3, 0.2, 0].entries()) {
      expect(Math.abs((shares[index] as number) - expected), `${shares}`).toBeLessThanOrEqual(0.02)
    }
  })

  test('chooses nobody when there is nobody with weight', () => {
    const strategy = makeStrategy<Named>(balance, Math.random)
    expect(strategy.pick([], client(0))).toBe(null)
    expect(strategy.pick([named('a', 0)], client(0))).toBe(null)
  })
})

test('an unknown name means round-robin', () => {
  const strategy = makeStrategy<Named>('', Math.random)
  const candidates = [named('a'), named('b')]
  expect([0, 1, 2].map(() => strategy.pick(candidates, '')?.name)).toEqual(['a', 'b', 'a'])
})

describe('first', () => {
  const strategy = makeStrategy<Named>('first', Math.random)

  test('chooses the first there is, and passes over those without weight', () => {
    expect(strategy.pick([named('a', 0), named('b'), named('c')], '')?.name).toBe('b')
    expect(strategy.pick([named('c')], '')?.name).toBe('c')
    expect(strategy.pick([named('a', 0)], '')).toBe(null)
  })
})

describe('least-connections', () => {
  test.each([
    ['the one with fewer', [named('a', 1, 3), named('b', 1, 2)], 'b'],
    ['the one with fewer for its weight', [named('a', 1, 2), named('b', 4, 7)], 'b'],
    ['a free one, however small', [named('a', 9, 1), named('b', 1, 0)], 'b'],
    ['only those with weight', [named('a', 0, 0), named('b', 1, 9)], 'b'],
  ])('chooses %s', (_what, candidates, expected) => {
    expect(makeStrategy<Named>('least-connections', Math.random).pick(candidates, '')?.name).toBe(expected)
  })

  test('keeps what is under way in proportion to the weights while requests last', () => {
    const candidates = [named('a', 3), named('b', 1)]
    const strategy = makeStrategy<Named>('least-connections', Math.random)
    for (let i = 0; i < 40; i++) strategy.pick(candidates, '')!.inFlight += 1
    expect(candidates.map(({ inFlight }) => inFlight)).toEqual([30, 10])
  })
})

describe('ip-hash', () => {
  const strategy = makeStrategy<Named>('ip-hash', Math.random)
  const fiveOf = ['a', 'b', 'c', 'd', 'e'].map((name) => named(name))
  const choices = (candidates: Named[]) =>
    Array.from({ length: PICKS }, (_none, index) => strategy.pick(candidates, client(index))?.name)

  test('a client keeps its backend, whatever the order', () => {
    expect(choices([...fiveOf].reverse())).toEqual(choices(fiveOf))
  })

  test('losing one of five moves its own clients, about a fifth, and nobody else', () => {
    const before = choices(fiveOf)
    const after = choices(fiveOf.filter(({ name }) => name !== 'c'))
    const moved = before.filter((name, index) => name !== after[index])
    console.log(
      `ip-hash: ${((100 * moved.length) / PICKS).toFixed(1)} % of the clients moved when 1 of 5 backends went`,
    )
    expect(moved.every((name) => name === 'c')).toBe(true)
    expect(moved.length / PICKS).toBeGreaterThan(0.18)
    expect(moved.length / PICKS).toBeLessThan(0.22)
  })

  test('a new sixth one takes about a sixth of the clients, in equal parts, and moves nobody else', () => {
    const before = choices(fiveOf)
    const after = choices([...fiveOf, named('f')])
    const moved = before.flatMap((name, index) => (name === after[index] ? [] : [after[index]]))
    expect(moved.every((name) => name === 'f')).toBe(true)
    expect(Math.abs(moved.length / PICKS - 1 / 6)).toBeLessThan(0.02)
  })

  test('addresses of one network are spread, also those of IPv6', () => {
    const used = new Set(
      Array.from({ length: 50 }, (_none, i) => strategy.pick(fiveOf, `fd00::${i.toString(16)}`)?.name),
    )
    expect(used.size).toBe(5)
  })
})
