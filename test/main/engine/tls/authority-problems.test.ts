import { expect, test } from 'vitest'
import { authorityProblems, outsideProblem } from '../../../../src/main/engine/tls/problems.js'
import { DAY, openGate } from './support.js'

const constraints = { permitted: ['test'], excluded: [] }
const notAfter = new Date('2036-05-06T07:08:09Z')
const END = notAfter.getTime()

test('a CA is told to end from thirty days before on', () => {
  expect(authorityProblems({ notAfter, constraints }, END - 30 * DAY - 1)).toEqual([])
  expect(authorityProblems({ notAfter, constraints }, END - 30 * DAY + 1)).toEqual([
    'The local CA expires on 2036-05-06, and all its certificates with it; replace it with: portico ca rotate',
  ])
})

test('a CA that may vouch for every name is told, whatever its age', () => {
  expect(authorityProblems({ notAfter, constraints: null }, 0)).toEqual([expect.stringContaining('every name')])
})

test('a host outside is told where the local CA is asked for it, and only there', () => {
  const files = { certFile: '/a.pem', keyFile: '/a.key' }
  expect(outsideProblem({ source: 'local', leafName: 'a.example' }, constraints)).toMatchObject({ host: 'a.example' })
  expect(outsideProblem({ source: 'local', leafName: 'a.test' }, constraints)).toBeNull()
  for (const source of ['acme', 'self-signed', files] as const)
    expect(outsideProblem({ source, leafName: 'a.example' }, constraints)).toBeNull()
})

test('that the CA is about to end is told in time, once, and is over with the next CA', async () => {
  let time = Date.now()
  let told = 0
  const gate = await openGate({ now: () => time, onChange: () => void told++ })
  await gate.certificates.maintain()
  expect(told).toBe(0)
  time = gate.certificates.authority.notAfter.getTime() - 29 * DAY
  await gate.certificates.maintain()
  await gate.certificates.maintain()
  expect(told).toBe(1)
  expect(gate.certificates.authorityProblems()).toHaveLength(1)
  await gate.certificates.rotate({})
  expect(gate.certificates.authorityProblems()).toEqual([])
})
