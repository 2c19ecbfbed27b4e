import { expect, test } from 'vitest'
import { LoginTokens, TOKEN_MS } from '../../../../../src/main/engine/control/panel/login-tokens.js'

function setUp() {
  const clock = { now: 1_000_000 }
  return { clock, tokens: new LoginTokens(() => clock.now) }
}

test('a token has at least 128 bits, works once, and is unlike any other', () => {
  const { tokens } = setUp()
  const token = tokens.issue()
  expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(16)
  expect(tokens.issue()).not.toBe(token)
  expect(tokens.redeem(token, 'a')).toBe('ok')
  expect(tokens.redeem(token, 'a')).toBe('refused')
})

test('a token for the same user is refused to another without being used up', () => {
  const { tokens } = setUp()
  const [own, any] = [tokens.issue(true), tokens.issue()]
  expect(tokens.redeem(own, 'a', true)).toBe('refused')
  expect(tokens.redeem(own, 'a')).toBe('ok')
  expect(tokens.redeem(any, 'a', true)).toBe('ok')
})

test('a token is too old after five minutes', () => {
  const { tokens, clock } = setUp()
  const [early, late] = [tokens.issue(), tokens.issue()]
  clock.now += TOKEN_MS - 1
  expect(tokens.redeem(early, 'a')).toBe('ok')
  clock.now += 1
  expect(tokens.redeem(late, 'a')).toBe('refused')
})

test('of many tokens only the latest eight work', () => {
  const { tokens } = setUp()
  const issued = Array.from({ length: 9 }, () => tokens.issue())
  expect(issued.map((token) => tokens.redeem(token, 'a'))).toEqual(['refused', ...Array(8).fill('ok')])
})

test('who guesses twenty times in a minute is not listened to for the rest of it, not even with a right one', () => {
  const { tokens, clock } = setUp()
  const token = tokens.issue()
  const guesses = Array.from({ length: 25 }, (_, i) => tokens.redeem(`guess ${i}`, 'a'))
  expect(guesses.filter((one) => one === 'refused')).toHaveLength(20)
  expect(tokens.redeem(token, 'a')).toBe('too-many')
  expect(tokens.redeem('guess', 'b')).toBe('refused')
  clock.now += 60_000
  expect(tokens.redeem(token, 'a')).toBe('ok')
})

test.each(['', 'x', 'é'.repeat(5_000)])('what never was a token is refused: %#', (text) => {
  expect(setUp().tokens.redeem(text, 'a')).toBe('refused')
})
