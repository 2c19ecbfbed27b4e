import { expect, test } from 'vitest'
import { securityFields } from '../../../../../src/main/engine/gateway/policies/security-headers.js'

const named = (settings: Parameters<typeof securityFields>[0], local = false) =>
  Object.fromEntries(securityFields(settings, local).map(({ name, value }) => [name, value]))

test('HSTS is never sent for a name of this machine unless asked', () => {
  expect(named({ preset: 'production-like' }, true)).not.toHaveProperty('Strict-Transport-Security')
  expect(named({ hsts: { maxAge: '1h' } }, true)).toEqual({})
  expect(named({ hsts: { maxAge: '1h', onLocalhost: true, preload: true } }, true)).toEqual({
    'Strict-Transport-Security': 'max-age=3600; preload',
  })
  expect(named({ preset: 'production-like' })['Strict-Transport-Security']).toBe('max-age=15552000; includeSubDomains')
})

test('what the config names replaces, what the preset has only fills in, and false leaves out', () => {
  const fields = securityFields(
    { preset: 'production-like', csp: "default-src 'none'", frame: false, nosniff: false },
    true,
  )
  expect(fields.find(({ name }) => name === 'Content-Security-Policy')).toEqual({
    ...{ name: 'Content-Security-Policy', value: "default-src 'none'", replaces: true },
  })
  expect(fields.map(({ name }) => name)).not.toContain('X-Frame-Options')
  expect(fields.map(({ name }) => name)).not.toContain('X-Content-Type-Options')
  expect(fields.find(({ name }) => name === 'Referrer-Policy')?.replaces).toBe(false)
  expect(named({ csp: 'x', cspReportOnly: true })).toEqual({ 'Content-Security-Policy-Report-Only': 'x' })
})
