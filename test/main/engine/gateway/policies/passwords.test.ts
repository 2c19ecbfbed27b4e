import bcrypt from 'bcryptjs'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { CheckQueue } from '../../../../../src/main/engine/gateway/policies/basic-auth/check-queue.js'
import { readCredentials } from '../../../../../src/main/engine/gateway/policies/basic-auth/credentials.js'
import { PasswordChecks } from '../../../../../src/main/engine/gateway/policies/basic-auth/password-checks.js'
import * as scrypt from '../../../../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import { basicAuthSchema } from '../../../../../src/shared/policies/auth-schemas.js'

vi.mock('../../../../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js', { spy: true })

const field = (text: string) => [`Basic ${Buffer.from(text).toString('base64')}`]

test('credentials are read as they were written, colons in the password and all', () => {
  const text = fc.string({ unit: 'grapheme' }).filter((one) => !/\p{Cc}/u.test(one))
  fc.assert(
    fc.property(
      text.filter((one) => !one.includes(':')),
      text,
      (user, password) => {
        expect(readCredentials(field(`${user}:${password}`))).toEqual({
          user: user.normalize('NFC'),
          password: password.normalize('NFC'),
        })
      },
    ),
  )
  fc.assert(fc.property(fc.array(fc.string(), { maxLength: 2 }), (fields) => void readCredentials(fields)))
})

test('names in Latin-1 are understood, control characters and doubled fields are not', () => {
  expect(readCredentials([`basic ${Buffer.from('jürgen:x', 'latin1').toString('base64')}`])).toEqual({
    user: 'jürgen',
    password: 'x',
  })
  expect(readCredentials(field('a:b\n'))).toBe('malformed')
  expect(readCredentials([...field('a:b'), ...field('c:d')])).toBe('malformed')
  expect([readCredentials([]), readCredentials(['Bearer x'])]).toEqual(['none', 'none'])
})

test('a scrypt hash is one that the config accepts, and matches its password alone', async () => {
  const hash = await scrypt.hashScrypt('secret')
  expect(basicAuthSchema.safeParse({ users: { ann: hash } }).success).toBe(true)
  const parsed = scrypt.parseScrypt(hash)
  if (parsed === null) throw new Error('not parsed')
  expect([await scrypt.matchesScrypt('secret', parsed), await scrypt.matchesScrypt('Secret', parsed)]).toEqual([
    true,
    false,
  ])
})

test('a hash of RFC 7914 section 12', async () => {
  const hash = Buffer.from(
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    'hex',
  )
  const text = `$scrypt$ln=10,r=8,p=16$${Buffer.from('NaCl').toString('base64').replace(/=/g, '')}$${hash.toString('base64').replace(/=/g, '')}`
  const parsed = scrypt.parseScrypt(text)
  expect(parsed && (await scrypt.matchesScrypt('password', parsed))).toBe(true)
})

test.each([
  'secret',
  '$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$aGFzaGhhc2g',
  '$scrypt$ln=15,r=8,p=3$$',
  `$2b$31$${'a'.repeat(53)}`,
  '$argon2id$x',
])('the config refuses %s for a hash', (hash) => {
  expect(basicAuthSchema.safeParse({ users: { ann: hash } }).success).toBe(false)
})

test('a name that nobody has costs a check like any other, and no name passes with the password of another', async () => {
  const checks = new PasswordChecks({ ann: await scrypt.hashScrypt('secret') })
  const ask = (user: string, password: string) => checks.check({ user, password }, 'c', 0)
  const derived = vi.mocked(scrypt.matchesScrypt)
  derived.mockClear()
  expect(await ask('nobody', 'secret')).toBe(false)
  expect(derived).toHaveBeenCalledTimes(1)
  expect(await ask('ann', 'wrong')).toBe(false)
  expect(derived).toHaveBeenCalledTimes(2)
  expect(await ask('ann', 'secret')).toBe(true)
  checks.close()
})

test('what was right is right at once for a minute, what was wrong never is', async () => {
  const checks = new PasswordChecks({ bob: bcrypt.hashSync('hunter2', 4) })
  const ask = (password: string, now: number) => checks.check({ user: 'bob', password }, 'c', now)
  expect(await ask('hunter2', 0)).toBe(true)
  expect([ask('hunter2', 59_999), await ask('hunter', 1)]).toEqual([true, false])
  expect(ask('hunter', 2)).toBeInstanceOf(Promise)
  expect(ask('hunter2', 60_000)).toBeInstanceOf(Promise)
  checks.close()
})

test('the same credentials at once are one check', () => {
  const checks = new PasswordChecks({ bob: bcrypt.hashSync('hunter2', 4) })
  const ask = () => checks.check({ user: 'bob', password: 'x' }, 'c', 0)
  expect(ask()).toBe(ask())
  checks.close()
})

test('clients take turns, and too many are sent away', async () => {
  const queue = new CheckQueue({ running: 1, waiting: 4, waitingOfClient: 2 })
  const order: string[] = []
  const run = (client: string, name: string) =>
    queue.run(client, async () => {
      await null
      order.push(name)
    })
  const all = [
    run('a', 'a1'),
    run('a', 'a2'),
    run('a', 'a3'),
    run('a', 'a4'),
    run('b', 'b1'),
    run('c', 'c1'),
    run('d', 'd1'),
  ]
  expect(all.map((one) => one === null)).toEqual([false, false, false, true, false, false, true])
  await Promise.all(all)
  expect(order).toEqual(['a1', 'b1', 'a2', 'c1', 'a3'])
})

test('a check that fails lets the next one begin', async () => {
  const queue = new CheckQueue({ running: 1, waiting: 1, waitingOfClient: 1 })
  const failing = queue.run('a', () => Promise.reject(new Error('no')))
  const next = queue.run('a', async () => 'done')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('done')
})
