import { expect, test } from 'vitest'
import { type LimitedRequest, requestLimits } from '../../../../../src/main/engine/gateway/policies/request-limits.js'
import { limitsSchema } from '../../../../../src/shared/config.js'

const limits = limitsSchema.parse({ urlBytes: 300, headerCount: 10, headerBytes: 1024, bodyBytes: 100 })

const decide = (changes: Partial<LimitedRequest>) => {
  const decision = requestLimits({ method: 'GET', target: '/', headers: [], snapshot: { limits }, ...changes })
  return decision.kind === 'respond' ? decision.fault.status : decision.kind
}

const fields = (count: number, size = 1) => Array.from({ length: count }, (_, i) => [`x${i}`, 'a'.repeat(size)]).flat()

test.each<[string, Partial<LimitedRequest>, 'continue' | number]>([
  ['a URL at the limit', { target: `/${'a'.repeat(299)}` }, 'continue'],
  ['a URL above it', { target: `/${'a'.repeat(300)}` }, 414],
  ['as many fields as allowed', { headers: fields(10) }, 'continue'],
  ['one field more', { headers: fields(11) }, 431],
  ['fields at the limit of size', { headers: ['x', 'a'.repeat(1024 - 5)] }, 'continue'],
  ['fields above it', { headers: ['x', 'a'.repeat(1024 - 4)] }, 431],
  ['fields that are too large together', { headers: fields(9, 150) }, 431],
  ['TRACE', { method: 'TRACE' }, 405],
  ['CONNECT', { method: 'CONNECT' }, 405],
  ['a body at the limit', { headers: ['Content-Length', '100'] }, 'continue'],
  ['a body above it', { headers: ['content-length', '101'] }, 413],
])('%s: %s', (_name, changes, expected) => {
  expect(decide(changes)).toBe(expected)
})

test('without a limit for bodies any length is continued with', () => {
  const snapshot = { limits: limitsSchema.parse({}) }
  expect(decide({ headers: ['Content-Length', '99999999999'], snapshot })).toBe('continue')
})
