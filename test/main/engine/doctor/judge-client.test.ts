import { expect, test } from 'vitest'
import { judgeClient } from '../../../../src/main/engine/doctor/judge-client.js'
import type { ClientId, ClientResult } from '../../../../src/shared/doctor-facts.js'
import type { TrustStoreStatus } from '../../../../src/shared/trust-schemas.js'

const STORES: TrustStoreStatus[] = [
  { id: 'fedora', title: 'Fedora system store', state: 'untrusted', detail: '', optional: false },
  { id: 'nss:firefox:default', title: 'Firefox', state: 'untrusted', detail: '', optional: false },
  { id: 'nss:chromium', title: 'Chrome and Chromium', state: 'untrusted', detail: '', optional: false },
  { id: 'java:/opt/my jdk/cacerts', title: 'Java', state: 'untrusted', detail: '', optional: false },
]
const UNTRUSTED: ClientResult = { state: 'refused', said: 'unable to get local issuer certificate' }

function judged(
  client: ClientId,
  result: ClientResult,
  more: { stores?: TrustStoreStatus[]; withVariable?: ClientResult } = {},
) {
  const { stores = STORES, withVariable = null } = more
  return judgeClient({ client, url: 'https://shop.test/', result, withVariable, stores, portico: 'portico' })[0]
}

test('a client that is not there is not told of', () => {
  expect(judged('curl', { state: 'missing' })).toBeUndefined()
})

test.each([
  ['curl', 'portico ca install --store fedora'],
  ['chromium', 'portico ca install --store nss:chromium'],
  ['java', "portico ca install --store 'java:/opt/my jdk/cacerts'"],
  ['node', 'eval "$(portico env)"'],
] as const)('what has %s trust the CA: %s', (client, command) => {
  expect(judged(client, UNTRUSTED)).toMatchObject({ status: 'fail', fix: { command } })
})

test('Node that trusts it by the variable alone is no failure', () => {
  const check = judged('node', UNTRUSTED, { withVariable: { state: 'answered' } })
  expect(check).toMatchObject({ status: 'warn', fix: { command: 'eval "$(portico env)"' } })
})

test('a client that does not trust what its store trusts goes by something else: the variables', () => {
  const stores = STORES.map((store) => ({ ...store, state: 'trusted' as const }))
  expect(judged('python', UNTRUSTED, { stores })?.fix).toMatchObject({ command: 'eval "$(portico env)"', plan: null })
})

test('a certificate for another name or time is renewed, a clock that is wrong is set', () => {
  const said = (text: string) => judged('curl', { state: 'refused', said: text })
  expect(said('certificate has expired')?.fix?.command).toBe('portico cert renew shop.test')
  expect(said('does not match host name')?.fix?.command).toBe('portico cert renew shop.test')
  expect(said('certificate is not yet valid')?.fix?.text).toContain('clock')
})

test('one that takes too long is no failure of trust', () => {
  expect(judged('chromium', { state: 'late', afterMs: 15_000 })).toMatchObject({ status: 'warn' })
})
