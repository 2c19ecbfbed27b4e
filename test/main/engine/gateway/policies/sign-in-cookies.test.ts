import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oidcPaths } from '../../../../../src/main/engine/gateway/policies/oidc/oidc-paths.js'
import {
  dropText,
  keepText,
  keptText,
  withoutOwnCookies,
} from '../../../../../src/main/engine/gateway/policies/oidc/own-cookies.js'
import { Sealer } from '../../../../../src/main/engine/gateway/policies/oidc/sealer.js'
import { isAllowed, lacksClaims, newSession } from '../../../../../src/main/engine/gateway/policies/oidc/session.js'
import { SessionCookie } from '../../../../../src/main/engine/gateway/policies/oidc/session-cookie.js'
import { SignIns } from '../../../../../src/main/engine/gateway/policies/oidc/sign-ins.js'
import { secretKeyIn } from '../../../../../src/main/engine/secret-key.js'

const key = randomBytes(32)
const sealer = new Sealer(() => key)
const SETTINGS = { issuer: 'https://id.test', clientId: 'shop', headers: { 'X-Roles': 'realm.roles' } }

/** The Cookie field of a browser that got these Set-Cookie values. */
const sentBack = (cookies: readonly string[]) => ['Cookie', cookies.map((cookie) => cookie.split(';')[0]).join('; ')]

test('what was sealed opens for its purpose and its key alone', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, purpose, other) => {
      const sealed = sealer.seal({ value }, purpose)
      expect(JSON.stringify(sealer.open(sealed, purpose))).toBe(JSON.stringify({ value }))
      if (other !== purpose) expect(sealer.open(sealed, other)).toBeNull()
      expect(new Sealer(() => randomBytes(32)).open(sealed, purpose)).toBeNull()
    }),
  )
})

test('one changed, missing or added character, and nothing opens', () => {
  const sealed = sealer.seal({ sub: 'ann' }, 'x')
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ '.split('')
  fc.assert(
    fc.property(
      fc.nat(sealed.length - 1),
      fc.constantFrom(...letters),
      fc.constantFrom('set', 'cut', 'add'),
      (at, letter, how) => {
        const changed = sealed.slice(0, at) + (how === 'cut' ? '' : letter) + sealed.slice(how === 'add' ? at : at + 1)
        expect(sealer.open(changed, 'x')).toEqual(changed === sealed ? { sub: 'ann' } : null)
      },
    ),
    { numRuns: 1_000 },
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(sealer.open(text, 'x')).toBeNull()
    }),
  )
})

test('a text of any length up to the bound comes back whole, each cookie below 4 KiB', () => {
  fc.assert(
    fc.property(fc.nat(10_800), (length) => {
      const text = randomBytes(length).toString('base64url').slice(0, Math.max(1, length))
      if (text === '') return
      const cookies = keepText('__Host-portico-x', text, 60, []) ?? []
      expect(Math.max(...cookies.map((cookie) => cookie.length))).toBeLessThan(4_096)
      expect(keptText('__Host-portico-x', sentBack(cookies))).toBe(text)
    }),
    { numRuns: 50 },
  )
  expect(keepText('x', 'a'.repeat(10_801), 60, [])).toBeNull()
})

test('a shorter text takes back the rest of a longer one, and a part that is missing spoils all', () => {
  const long = sentBack(keepText('n', 'a'.repeat(9_000), 60, []) ?? [])
  expect(keepText('n', 'b', 60, long)).toEqual([
    expect.stringMatching(/^n=1\.b;/),
    expect.stringMatching(/^n\.1=; Max-Age=0;/),
    expect.stringMatching(/^n\.2=; Max-Age=0;/),
  ])
  expect(dropText('n', long)).toHaveLength(3)
  expect(keptText('n', ['Cookie', (long[1] as string).replace(/n\.1=[^;]*; /, '')])).toBeNull()
})

test('only the cookies of sign-ins are kept from the backend', () => {
  const sent = [
    'cookie',
    'a=1; __Host-portico-12=x',
    'Cookie',
    '__Host-portico-12.1=y',
    'Cookie',
    'b=__Host-portico-; c=2',
    'X',
    '1',
  ]
  expect(withoutOwnCookies(sent)).toEqual(['cookie', 'a=1', 'Cookie', 'b=__Host-portico-; c=2', 'X', '1'])
})

test('a session is good on its host, for its client, until its end', () => {
  const cookie = new SessionCookie(SETTINGS, sealer)
  const tokens = {
    claims: { sub: 'ann', realm: { roles: [1] }, other: 1 },
    refreshToken: 'r',
    idToken: 'i',
    expiresIn: 10,
  }
  const session = newSession('id', tokens, SETTINGS, 1_000, 5_000)
  expect(session).toMatchObject({ claims: { sub: 'ann', realm: { roles: [1] } }, until: 6_000, renewAt: 11_000 })
  expect(session.claims).not.toHaveProperty('other')
  const request = sentBack(cookie.write(session, 'shop.localhost', 1_000, []) ?? [])
  expect(cookie.read(request, 'shop.localhost', 5_999)).toEqual(session)
  expect(cookie.read(request, 'shop.localhost', 6_000)).toBeNull()
  expect(cookie.read(request, 'api.localhost', 1_000)).toBeNull()
  expect(new SessionCookie({ ...SETTINGS, clientId: 'x' }, sealer).read(request, 'shop.localhost', 1_000)).toBeNull()
})

test('where there is no room, what only helps to sign out goes first', () => {
  const cookie = new SessionCookie(SETTINGS, sealer)
  const tokens = { claims: { sub: 'ann' }, refreshToken: 'r'.repeat(3_000), idToken: 'i'.repeat(9_000), expiresIn: 10 }
  const session = newSession('id', tokens, SETTINGS, 0, 5_000)
  const kept = cookie.read(sentBack(cookie.write(session, 'h', 0, []) ?? []), 'h', 0)
  expect([kept?.refreshToken?.length, kept?.idToken]).toEqual([3_000, undefined])
  expect(cookie.write({ ...session, refreshToken: 'r'.repeat(9_000) }, 'h', 0, [])).toBeNull()
})

test('a sign-in ends within ten minutes, and a long address is shortened to one that fits', () => {
  const signIns = new SignIns('p-', sealer)
  const begun = { state: 's', nonce: 'n', verifier: 'v', target: `/a?${'b'.repeat(5_000)}`, begunAt: 0 }
  const cookies = signIns.begin(begun, 'h', [])
  expect(cookies[0]?.length).toBeLessThan(4_096)
  const request = sentBack(cookies)
  expect(signIns.find('s', 'h', request, 600_000)?.target).toBe('/a')
  expect(signIns.find('s', 'h', request, 600_001)).toBeNull()
  expect([signIns.find('t', 'h', request, 0), signIns.find('s', 'g', request, 0)]).toEqual([null, null])
})

test('who may come: by subject, or by an address that the provider does not call unverified', () => {
  const allow = ['Ann@Example.com', '4711']
  expect(isAllowed({ sub: '1', email: 'ann@example.com' }, allow)).toBe(true)
  expect(isAllowed({ sub: '4711' }, allow)).toBe(true)
  expect(isAllowed({ sub: '1', email: 'ann@example.com', email_verified: false }, allow)).toBe(false)
  expect(isAllowed({ sub: '1', email: 'ann@example.com', email_verified: 'false' }, allow)).toBe(false)
  expect(isAllowed({ sub: '1', email: 'ann@example.com.evil' }, allow)).toBe(false)
  expect(isAllowed({ sub: '1' }, undefined)).toBe(true)
  expect([
    lacksClaims({ sub: '1' }, { ...SETTINGS, headers: {}, allow }),
    lacksClaims({ sub: '1' }, { ...SETTINGS, headers: {} }),
  ]).toEqual([true, false])
})

test('callback and logout are where requests reach the policy', () => {
  expect(oidcPaths(undefined, null).callback).toBe('/.portico/oidc/callback')
  expect(oidcPaths(undefined, '/admin/*').logout).toBe('/admin/.portico/oidc/logout')
  expect(oidcPaths('/login', '/admin/*').signedOut).toBe('/login/signed-out')
})

test('the key stays, for its owner alone; where it cannot be saved that is told', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'portico-key-'))
  const file = path.join(folder, 'oidc.key')
  const read = () => secretKeyIn(file, () => expect.unreachable())()
  expect(read().equals(read())).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const complaints: unknown[] = []
  expect(secretKeyIn(path.join(folder, 'missing/key'), (error) => complaints.push(error))()).toHaveLength(32)
  expect(complaints).toHaveLength(1)
  rmSync(folder, { recursive: true })
})
