import { expect, test } from 'vitest'
import { refusalOf } from '../../../../../src/main/engine/tls/acme/refusal.js'
import { type AcmeSettings, acmeSettings } from '../../../../../src/main/engine/tls/acme/settings.js'

const settings = (more: Partial<AcmeSettings> = {}) => ({
  ...(acmeSettings({ email: 'a@b.cd' }) as AcmeSettings),
  ...more,
})

test.each([
  ['127.0.0.1', /addresses/],
  ['::1', /addresses/],
  ['localhost', /this machine/],
  ['shop.localhost', /this machine/],
  ['*.shop.localhost', /this machine/],
  ['printer', /public internet/],
  ['shop.test', /public internet/],
  ['a.internal', /public internet/],
  ['nas.home.arpa', /public internet/],
  ['*.example.com', /dnsHook/],
])('%s is not asked for', (name, reason) => {
  expect(refusalOf(name, settings())).toMatch(reason)
})

test('public names are asked for, wildcards where DNS can be set, and special names of private authorities', () => {
  expect(refusalOf('shop.example.com', settings())).toBeNull()
  expect(refusalOf('nothome.arpa', settings())).toBeNull()
  expect(refusalOf('*.example.com', settings({ dnsHook: ['hook'] }))).toBeNull()
  expect(refusalOf('shop.test', settings({ caFile: '/ca.pem' }))).toBeNull()
  expect(refusalOf('shop.localhost', settings({ caFile: '/ca.pem' }))).not.toBeNull()
})

test("without a directory Let's Encrypt is asked, its staging where told", () => {
  expect(settings().directory).toBe('https://acme-v02.api.letsencrypt.org/directory')
  expect(acmeSettings({ email: 'a@b.cd', staging: true })?.directory).toContain('acme-staging-v02')
  expect(acmeSettings({ email: 'a@b.cd', dnsHook: '/x y' })?.dnsHook).toEqual(['/x y'])
})
