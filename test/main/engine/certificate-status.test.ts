import { expect, test } from 'vitest'
import { type CertificateFacts, certificateStatuses } from '../../../src/main/engine/certificate-status.js'
import type { CertificateInfo } from '../../../src/main/engine/tls/secure-context.js'
import { certificateStatusSchema } from '../../../src/shared/window-schemas.js'

const notAfter = new Date('2030-01-02T03:04:05Z')
const NOW = Date.parse('2029-12-01T00:00:00Z')
const own = { certFile: '/own.pem', keyFile: '/own.key' }
const LEAF: CertificateInfo = {
  ...{ leafName: 'shop.localhost', source: 'local', issuer: 'O=Portico\nCN=CA', notAfter, fingerprint: 'AA' },
}

function facts(some: Partial<CertificateFacts> = {}): CertificateFacts {
  return {
    list: async () => [],
    kept: async () => null,
    problems: () => [],
    renewalProblem: () => null,
    permits: () => true,
    ...some,
  }
}

test('a leaf is listed by the name it is for, its issuer in one line', async () => {
  const statuses = await certificateStatuses(facts({ list: async () => [LEAF] }), [], NOW)
  expect(certificateStatusSchema.array().parse(statuses)).toEqual([
    {
      name: 'shop.localhost',
      source: 'local',
      issuer: 'O=Portico, CN=CA',
      notAfter: '2030-01-02T03:04:05.000Z',
      fingerprint: 'AA',
      state: 'valid',
      lastError: null,
    },
  ])
})

test.each([
  ['2029-12-25T00:00:00Z', 'valid'],
  ['2029-12-27T00:00:00Z', 'expiring'],
  ['2030-01-03T00:00:00Z', 'expired'],
])('at %s a certificate until 2 January is %s', async (at, state) => {
  const [status] = await certificateStatuses(facts({ list: async () => [LEAF] }), [], Date.parse(at))
  expect(status?.state).toBe(state)
})

test("a user's own certificate is listed for each host that it serves", async () => {
  const info: CertificateInfo = { ...LEAF, leafName: own.certFile, source: 'file' }
  const demands = [
    { source: own, leafName: 'a.test' },
    { source: own, leafName: '*.c.test' },
  ]
  const statuses = await certificateStatuses(facts({ list: async () => [info] }), demands, NOW)
  expect(statuses.map(({ name, state }) => `${name} ${state}`)).toEqual(['a.test valid', '*.c.test valid'])
})

test('hosts without a certificate are missing, unless one lies on disk', async () => {
  const kept = async (name: string) => (name === 'kept.localhost' ? { ...LEAF, leafName: name } : null)
  const demands = [
    { source: 'local' as const, leafName: 'kept.localhost' },
    { source: 'local' as const, leafName: 'new.localhost' },
    { source: 'self-signed' as const, leafName: 'odd.localhost' },
    { source: own, leafName: 'own.test' },
  ]
  const problems = () => [{ host: 'own.test', message: 'it cannot be read' }]
  const statuses = await certificateStatuses(facts({ kept, problems }), demands, NOW)
  expect(statuses).toMatchObject([
    { name: 'kept.localhost', source: 'local', state: 'valid', lastError: null },
    { name: 'new.localhost', source: 'local', state: 'missing', issuer: null, notAfter: null, lastError: null },
    { name: 'odd.localhost', source: 'self-signed', state: 'missing' },
    { name: 'own.test', source: 'file', state: 'missing', lastError: 'it cannot be read' },
  ])
})

test('a wildcard below a top-level domain is served by the certificates of its hosts', async () => {
  const demands = [{ source: 'local' as const, leafName: '*.localhost' }]
  const names = async (list: CertificateInfo[]) =>
    (await certificateStatuses(facts({ list: async () => list }), demands, NOW)).map(({ name }) => name)
  expect(await names([LEAF])).toEqual(['shop.localhost'])
  expect(await names([])).toEqual(['*.localhost'])
})

test('a renewal that failed is told', async () => {
  const renewalProblem = (name: string) => (name === LEAF.leafName ? 'the disk is full' : null)
  const [status] = await certificateStatuses(facts({ list: async () => [LEAF], renewalProblem }), [], NOW)
  expect(status).toMatchObject({ state: 'valid', lastError: 'the disk is full' })
})
