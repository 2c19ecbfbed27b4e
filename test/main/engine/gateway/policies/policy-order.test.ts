import { expect, test } from 'vitest'
import { POLICY_ORDER, placePolicies } from '../../../../../src/main/engine/gateway/policies/policy-order.js'
import { policiesSchema } from '../../../../../src/shared/policies-schema.js'

const policies = (text: object) => policiesSchema.parse(text)

test('a route has its own policies and those of its app, in the order of the request path', () => {
  const app = policies({ rateLimit: { rate: '1/s' }, compression: {}, limits: { methods: ['GET'] } })
  const route = policies({ limits: { methods: ['POST'] }, securityHeaders: {}, compression: false })
  expect(placePolicies(app, route).map(({ key, of }) => [key, of])).toEqual([
    ['securityHeaders', 'route'],
    ['rateLimit', 'app'],
    ['limits', 'route'],
  ])
  expect(placePolicies(undefined, undefined)).toEqual([])
})

test('every policy that can be configured has its place once', () => {
  expect([...POLICY_ORDER].sort()).toEqual(Object.keys(policiesSchema.shape).sort())
})

test('whoever finds out who asks is asked before the cache, which has to know', () => {
  const cache = POLICY_ORDER.indexOf('cache')
  for (const key of ['basicAuth', 'jwt', 'oidc', 'forwardAuth'] as const)
    expect(POLICY_ORDER.indexOf(key)).toBeLessThan(cache)
})
