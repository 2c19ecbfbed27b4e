import { expect, test } from 'vitest'
import { isOnUnlessTold, lookOf, strayPaths } from '../../src/renderer/features/policies/form-looks.js'
import { allFields, type FieldSpec, policyForm, specOf } from '../../src/renderer/features/policies/form-spec.js'
import { POLICY_GROUPS, startOf } from '../../src/renderer/features/policies/policy-groups.js'
import { fitsLook, fitsSpec, withKey } from '../../src/renderer/features/policies/spec-values.js'
import { strings } from '../../src/renderer/strings.js'
import { POLICY_DESCRIPTIONS } from '../../src/shared/policies/policy-descriptions.js'
import { type PolicyKey, policiesSchema } from '../../src/shared/policies-schema.js'

const POLICIES = Object.keys(policiesSchema.shape) as PolicyKey[]
const FIELDS = POLICIES.flatMap((policy) => allFields(policyForm(policy)))

test('every policy stands in one group of the list', () => {
  expect(POLICY_GROUPS.flatMap(([, policies]) => policies).toSorted()).toEqual(POLICIES.toSorted())
})

test('every key of every policy has a control of its own, and words for what it is', () => {
  expect(FIELDS.filter(({ spec }) => spec.kind === 'json').map(({ path }) => path)).toEqual([])
  expect(FIELDS.filter(({ path }) => POLICY_DESCRIPTIONS[path] === undefined)).toEqual([])
  const described = Object.keys(POLICY_DESCRIPTIONS).filter((path) => path.includes('.'))
  const shown = new Set(FIELDS.map(({ path }) => path))
  // The regular expression of an origin is typed as a line of its list.
  expect(described.filter((path) => !shown.has(path))).toEqual(['cors.origins[].regex'])
})

test('nothing is said of keys that no policy has', () => {
  expect(strayPaths(POLICIES)).toEqual([])
  const { labels, helps, otherwise, values, customs } = strings.policies
  const known = new Set(FIELDS.map(({ path }) => path))
  const named = [labels, helps, otherwise, values, customs].flatMap((table) => Object.keys(table))
  expect(named.filter((path) => !known.has(path))).toEqual([])
})

test('controls follow the schema', () => {
  const kinds = Object.fromEntries(FIELDS.map(({ path, spec }) => [path, spec.kind]))
  expect(kinds).toMatchObject({
    'rateLimit.rate': 'text',
    'rateLimit.burst': 'number',
    'rateLimit.by': 'either',
    'rateLimit.allow': 'texts',
    'jwt.clockSkew': 'duration',
    'oidc.session': 'duration',
    'jwt.claims': 'map',
    'cors.headers': 'texts',
    'securityHeaders.preset': 'choice',
    'securityHeaders.nosniff': 'switch',
    'rewrite.path': 'items',
    'rewrite.inject': 'group',
  })
  expect(specAt('jwt.issuer')).toEqual({ kind: 'texts', options: [], orOne: true, regexes: false })
  expect(specAt('cors.origins')).toMatchObject({ kind: 'texts', regexes: true })
  expect(specAt('compression.encodings')).toMatchObject({ kind: 'texts', options: ['zstd', 'br', 'gzip'] })
  expect(specAt('jwt.claims')).toEqual({ kind: 'map', loose: true })
  expect(specAt('securityHeaders.csp')).toEqual({ kind: 'either', values: [false], others: [{ kind: 'text' }] })
  expect(specAt('securityHeaders.frame')).toMatchObject({ kind: 'either', values: [false, 'deny', 'same-origin'] })
  expect(specAt('rateLimit.by')).toMatchObject({
    values: ['client', 'all'],
    others: [{ kind: 'group', fields: [{ path: 'rateLimit.by.header', required: true }] }],
  })
  const optional = FIELDS.filter(({ required }) => !required).map(({ path }) => path)
  expect(optional).toContain('faults.delay.share')
  expect(optional).not.toContain('faults.delay.time')
})

test('what there is no control for is shown as JSON, and so is a value of another kind than its schema', () => {
  expect(specOf(policiesSchema.shape.cors.unwrap().options[1], 'x')).toMatchObject({ kind: 'either', values: [false] })
  const list: FieldSpec = { kind: 'texts', options: [], orOne: false, regexes: false }
  expect(fitsSpec(list, ['a'])).toBe(true)
  expect(fitsSpec(list, 'a')).toBe(false)
  expect(fitsSpec({ ...list, regexes: true }, ['a', { regex: 'b' }])).toBe(true)
  expect(fitsSpec(list, ['a', { regex: 'b' }])).toBe(false)
  expect(fitsSpec({ kind: 'map', loose: false }, { a: 1 })).toBe(false)
  expect(['', '10m', '10'].map((value) => fitsSpec({ kind: 'duration' }, value))).toEqual([true, true, false])
  expect(['', '10/m', '10'].map((value) => fitsLook('rate', value))).toEqual([true, true, false])
  expect(fitsSpec({ kind: 'number', whole: true }, undefined)).toBe(true)
})

test('a value that is taken away leaves no key behind', () => {
  expect(withKey({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
  expect(withKey({ a: 1 }, 'b', false)).toEqual({ a: 1, b: false })
})

test('what is true unless told says so in its description of the config', () => {
  const switches = FIELDS.filter(({ spec }) => spec.kind === 'switch')
  const on = switches.filter(isOnUnlessTold).map(({ path }) => path)
  expect(on).toEqual(['cache.statusHeader', 'faults.enabled'])
  expect(switches.filter((field) => lookOf(field) === 'by-preset').map(({ path }) => path)).toEqual([
    'securityHeaders.nosniff',
  ])
})

test.each(POLICIES)('%s begins with something that holds, or with what is still to be told', (policy) => {
  const waiting: PolicyKey[] = ['basicAuth', 'jwt', 'oidc', 'forwardAuth', 'cors', 'mirror']
  const holds = policiesSchema.shape[policy].safeParse(startOf(policy)).success
  expect(holds).toBe(!waiting.includes(policy))
})

function specAt(path: string): FieldSpec | undefined {
  return FIELDS.find((field) => field.path === path)?.spec
}
