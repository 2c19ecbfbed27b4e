import { expect, test } from 'vitest'
import {
  asChecked,
  asSaved,
  hide,
  hideSecrets,
  strayNames,
  withoutSecrets,
} from '../../src/renderer/features/policies/hidden-values.js'
import {
  bytesTyping,
  doubledName,
  durationTyping,
  jsonTyping,
  linesTyping,
  numberTyping,
  percentTyping,
  rateTyping,
  rowsTyping,
  type Typing,
  textTyping,
} from '../../src/renderer/features/policies/typed-values.js'
import { basicAuthSchema } from '../../src/shared/policies/auth-schemas.js'

const HASH = `$scrypt$ln=15,r=8,p=3$${'c'.repeat(22)}$${'d'.repeat(43)}`
const LIST = { required: false, orOne: false, regexes: false }

const CASES: [string, Typing<never>, unknown[]][] = [
  ['text', of(textTyping(false)), ['a b', undefined]],
  ['a number', of(numberTyping), [0, 10, 1.5, undefined, 'abc']],
  ['a share', of(percentTyping), [0, 0.05, 0.071, 1, undefined]],
  ['bytes', of(bytesTyping('MiB')), [0, 1000, 1024, 1_000_000, 67_108_864, 3_221_225_472, undefined]],
  ['a duration', of(durationTyping(false)), ['200ms', '1.5h', '10m', 'soons', undefined]],
  ['a rate', of(rateTyping(true)), ['100/m', '5/s']],
  ['lines', of(linesTyping(LIST)), [['a', 'b'], undefined]],
  ['one or more', of(linesTyping({ ...LIST, orOne: true })), ['a', ['a', 'b'], undefined]],
  ['origins', of(linesTyping({ ...LIST, regexes: true })), [['https://a', { regex: 'https://pr-\\d+' }]]],
  ['rows', of(rowsTyping(false, false)), [{ 'X-A': '1', 'X-B': '' }, undefined]],
  ['claims', of(rowsTyping(false, true)), [{ scope: 'a b', admin: true, level: 3, roles: ['a', 'b'], text: 'true' }]],
  ['JSON', of(jsonTyping), [{ a: [1] }, [], 3, 'text', 'true', undefined]],
]

test.each(CASES)('%s comes back from its control as it went in', (_, typing, values) => {
  for (const value of values) expect(typing.read(typing.show(value))).toEqual(value)
})

test('what cannot be read stays what was typed, for the schema to judge', () => {
  expect(numberTyping.read('12 a')).toBe('12 a')
  expect(numberTyping.read(' 12 ')).toBe(12)
  expect(percentTyping.read('5')).toBe(0.05)
  expect(percentTyping.read('many')).toBe('many')
  expect(bytesTyping('KiB').read({ amount: '1.5', unit: 'KiB' })).toBe(1536)
  expect(bytesTyping('KiB').show(undefined)).toEqual({ amount: '', unit: 'KiB' })
  expect(bytesTyping('MiB').show(1_000_000)).toEqual({ amount: '1000000', unit: 'bytes' })
  expect(durationTyping(false).read({ amount: 'soon', unit: 's' })).toBe('soons')
  expect(durationTyping(true).read({ amount: '', unit: 's' })).toBe('')
  expect(rateTyping(true).read({ amount: '0', unit: 'm' })).toBe('0/m')
  expect(linesTyping({ ...LIST, required: true }).read(' \n')).toEqual([])
  expect(linesTyping(LIST).read('a\n\n b \n')).toEqual(['a', 'b'])
  expect(textTyping(true).read('')).toBe('')
})

test('rows that are empty are not written, and a name that stands there twice is told', () => {
  const rows = [
    { name: 'A', value: '1' },
    { name: '', value: '' },
    { name: ' A ', value: '2' },
  ]
  expect(rowsTyping(false, false).read(rows)).toEqual({ A: '2' })
  expect(doubledName(rows)).toBe('A')
  expect(doubledName(rows.slice(0, 2))).toBeNull()
})

test('secrets are shown under a name, and saved as they were', async () => {
  const settings = { users: { ann: HASH, bob: HASH }, realm: 'shop' }
  const { value, vault } = hideSecrets('basicAuth', settings)
  expect(value).toEqual({ users: { ann: '(hidden 1)', bob: '(hidden 2)' }, realm: 'shop' })
  expect(asChecked(value, vault)).toEqual(settings)
  expect(await asSaved(value, vault, unused)).toEqual(settings)
  expect(JSON.stringify(hideSecrets('oidc', { clientId: 'shop', clientSecret: 'deep' }).value)).not.toContain('deep')
  const headers = { set: { Authorization: 'Bearer deep', 'X-A': '1' } }
  expect(hideSecrets('rewrite', { request: headers }).value).toEqual({
    request: { set: { Authorization: '(hidden 1)', 'X-A': '1' } },
  })
  expect(hideSecrets('rateLimit', { rate: '1/s', redis: 'redis://me:deep@h:1' }).value).toMatchObject({
    redis: '(hidden 1)',
  })
  expect(hideSecrets('rateLimit', { rate: '1/s', redis: 'redis://h:1' }).vault.size).toBe(0)
})

test('a password is checked as a hash would be, and saved as its hash; only those in use are hashed', async () => {
  const begun = hideSecrets('basicAuth', { users: { ann: HASH } })
  const first = hide(begun.vault, 's', true, '')
  const typed = hide(first.vault, 'secret', true, first.name)
  const dropped = hide(typed.vault, 'other', true, '')
  expect([first.name, typed.name]).toEqual(['(hidden 2)', '(hidden 2)'])
  const value = { users: { ann: '(hidden 1)', bob: typed.name } }
  expect(basicAuthSchema.safeParse(asChecked(value, dropped.vault)).success).toBe(true)
  const hashed: string[] = []
  const saved = await asSaved(value, dropped.vault, async (password) => {
    hashed.push(password)
    return `hash of ${password}`
  })
  expect(saved).toEqual({ users: { ann: HASH, bob: 'hash of secret' } })
  expect(hashed).toEqual(['secret'])
})

test('typing over a secret of the config leaves it what it was until it is saved', () => {
  const begun = hideSecrets('oidc', { clientSecret: 'old' })
  const typed = hide(begun.vault, 'new', false, '(hidden 1)')
  expect(typed.name).toBe('(hidden 2)')
  expect(typed.vault.get('(hidden 1)')?.text).toBe('old')
})

test('an empty password is no password', () => {
  const { vault, name } = hide(new Map(), '', true, '')
  expect(basicAuthSchema.safeParse(asChecked({ users: { ann: name } }, vault)).success).toBe(false)
})

test('a name that stands for nothing is told by its place', () => {
  const { vault } = hideSecrets('basicAuth', { users: { ann: HASH } })
  const value = { users: { ann: '(hidden 1)', bob: '(hidden 7)' } }
  expect(strayNames(value, vault, (name) => `no ${name}`)).toEqual([{ path: 'users.bob', message: 'no (hidden 7)' }])
})

test('an app is shown without the secrets of its policies', () => {
  const policies = { basicAuth: { users: { ann: HASH } }, cors: false as const }
  const app = {
    name: 'shop',
    routes: [{ path: '/', process: true as const, policies }],
    process: { command: 'x' },
    policies,
  }
  const shown = withoutSecrets(app)
  expect(JSON.stringify(shown)).not.toContain('scrypt')
  expect(shown.routes?.[0]?.policies?.basicAuth).toEqual({ users: { ann: '(hidden)' } })
  expect(shown.policies?.cors).toBe(false)
  expect(app.policies.basicAuth.users.ann).toBe(HASH)
})

async function unused(): Promise<string> {
  throw new Error('nothing is to be hashed')
}

function of<T>(typing: Typing<T>): Typing<never> {
  return typing as unknown as Typing<never>
}
