import { expect, test } from 'vitest'
import { certificateStatuses } from '../../../src/main/engine/certificate-status.js'
import { certificateStatusSchema } from '../../../src/shared/window-schemas.js'

const notAfter = new Date('2030-01-02T03:04:05Z')
const own = { certFile: '/own.pem', keyFile: '/own.key' }

test('a leaf is listed by the name it is for, its issuer in one line', () => {
  const info = {
    leafName: '*.shop.localhost',
    source: 'local' as const,
    issuer: 'O=Portico\nCN=CA',
    notAfter,
    fingerprint: 'AA',
  }
  const statuses = certificateStatuses([info], [])
  expect(certificateStatusSchema.array().parse(statuses)).toEqual([
    {
      name: '*.shop.localhost',
      source: 'local',
      issuer: 'O=Portico, CN=CA',
      notAfter: '2030-01-02T03:04:05.000Z',
      fingerprint: 'AA',
    },
  ])
})

test("a user's own certificate is listed for each host that it serves", () => {
  const info = { leafName: own.certFile, source: 'file' as const, issuer: 'CN=me', notAfter, fingerprint: 'BB' }
  const statuses = certificateStatuses(
    [info],
    [
      { source: own, leafName: 'a.test' },
      { source: 'local', leafName: 'b.test' },
      { source: own, leafName: '*.c.test' },
    ],
  )
  expect(statuses.map(({ name }) => name)).toEqual(['a.test', '*.c.test'])
})
