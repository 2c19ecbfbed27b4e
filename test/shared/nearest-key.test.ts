import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearestKey } from '../../src/shared/nearest-key.js'

const KEYS = ['name', 'hosts', 'port', 'static', 'process', 'routes', 'preserveHost', 'upstream']

test.each([
  ['hots', 'hosts'],
  ['host', 'hosts'],
  ['prot', 'port'],
  ['Port', 'port'],
  ['preservehost', 'preserveHost'],
  ['upstreams', 'upstream'],
  ['route', 'routes'],
])('%s is taken for %s', (written, meant) => {
  expect(nearestKey(written, KEYS)).toBe(meant)
})

test.each(['colour', 'x', '', 'certificate', 'a'.repeat(100)])('%s is near to nothing', (written) => {
  expect(nearestKey(written, KEYS)).toBeNull()
})

test('the distance is symmetric, zero only between equals, and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      const distance = editDistance(a, b)
      expect(distance).toBe(editDistance(b, a))
      expect(distance === 0).toBe(a === b)
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
