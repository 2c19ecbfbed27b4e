import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseKeySet } from '../../../../../src/main/engine/gateway/policies/jwt/key-set.js'
import { type KeySet, RenewedKeys } from '../../../../../src/main/engine/gateway/policies/jwt/renewed-keys.js'
import { missingClaim } from '../../../../../src/main/engine/gateway/policies/jwt/required-claims.js'
import { claimFields, withTrustedFields } from '../../../../../src/main/engine/gateway/policies/trusted-fields.js'

function source(answers: (KeySet | Error)[]) {
  const state = { loads: 0, kept: [] as boolean[] }
  const keys = new RenewedKeys({
    freshMs: 1_000,
    cooldownMs: 100,
    load: async () => {
      const answer = answers[Math.min(state.loads++, answers.length - 1)] as KeySet | Error
      if (answer instanceof Error) throw answer
      return answer
    },
    onFailure: (_, kept) => state.kept.push(kept),
    unavailable: (error) => new Error(`none: ${(error as Error).message}`),
  })
  return { keys, state }
}

const set = (kid: string): KeySet => ({ keys: [{ kty: 'EC', kid }] })

test('many ask at once and one load answers; old keys serve while they are renewed', async () => {
  const [one, two] = [set('1'), set('2')]
  const { keys, state } = source([one, two])
  expect(await Promise.all([keys.current(0), keys.current(0), keys.current(1)])).toEqual([one, one, one])
  expect([await keys.current(1_000), state.loads]).toEqual([one, 1])
  expect([await keys.current(1_001), state.loads]).toEqual([one, 2])
  await expect.poll(() => keys.current(1_002)).toBe(two)
})

test('a key that is not known is looked for, but not all the time', async () => {
  const { keys, state } = source([set('1'), set('2')])
  await keys.current(0)
  expect([await keys.renewed(50), state.loads]).toEqual([null, 1])
  expect([(await keys.renewed(101))?.keys[0]?.kid, state.loads]).toEqual(['2', 2])
})

test('known keys outlive failures; without any, the failure is told and not repeated at once', async () => {
  const kept = source([set('1'), new Error('down')])
  await kept.keys.current(0)
  expect(await kept.keys.renewed(101)).toBeNull()
  expect([(await kept.keys.current(102)).keys.length, kept.state.kept]).toEqual([1, [true]])
  const none = source([new Error('down'), set('1')])
  await expect(none.keys.current(0)).rejects.toThrow('none: down')
  await expect(none.keys.current(100)).rejects.toThrow('none: down')
  expect(none.state.loads).toBe(1)
  expect((await none.keys.current(101)).keys).toHaveLength(1)
})

test('secret keys are never taken for public ones', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = (one: typeof publicKey | typeof privateKey, type: 'spki' | 'pkcs8') =>
    one.export({ type: type as 'spki', format: 'pem' }) as string
  expect(parseKeySet(pem(publicKey, 'spki')).keys).toHaveLength(1)
  expect(() => parseKeySet(pem(privateKey as never, 'pkcs8'))).toThrow('no public key')
  expect(() =>
    parseKeySet(JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }, privateKey.export({ format: 'jwk' })] })),
  ).toThrow('no public key')
  expect(() => parseKeySet('{')).toThrow('not valid JSON')
  expect(() => parseKeySet('')).toThrow('no public key')
})

test('claims suffice when one of their values is one of those wanted', () => {
  const claims = { scope: 'a bc', role: ['x', 'y'], admin: true, realm: { roles: ['z'] }, 'https://x.y/z': 'n' }
  const fits = (required: Parameters<typeof missingClaim>[1]) => missingClaim(claims, required)
  expect(fits({ scope: 'bc', role: ['q', 'y'], admin: true, 'realm.roles': 'z', 'https://x.y/z': 'n' })).toBeNull()
  expect([
    fits({ scope: 'b' }),
    fits({ admin: 'true' }),
    fits({ toString: 'x' }),
    fits({ 'realm.constructor': 'x' }),
  ]).toEqual(['scope', 'admin', 'toString', 'realm.constructor'])
})

test('fields of claims replace all of their name, and cannot break out of their line', () => {
  const fields = claimFields(
    { a: 'x\r\nX-Evil: 1', b: ['p', { q: 1 }], c: 'ü', d: 0 },
    { 'X-A': 'a', 'X-B': 'b', 'X-C': 'c', 'X-D': 'd', 'X-E': 'e' },
  )
  const sent = withTrustedFields(['x-a', 'old', 'X_E', 'old', 'Y', '1'], fields)
  expect(sent).toEqual(['Y', '1', 'X-A', 'x  X-Evil: 1', 'X-B', 'p,{"q":1}', 'X-C', 'Ã¼', 'X-D', '0'])
})
