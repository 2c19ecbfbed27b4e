import type { PolicyKey } from '../../../shared/policies-schema.js'

export type PolicyGroup = 'protect' | 'signIn' | 'speed' | 'change' | 'test'

/** The policies as a person looks for them. */
export const POLICY_GROUPS: readonly (readonly [PolicyGroup, readonly PolicyKey[]])[] = [
  ['protect', ['rateLimit', 'limits', 'access', 'cors', 'securityHeaders']],
  ['signIn', ['basicAuth', 'jwt', 'oidc', 'forwardAuth']],
  ['speed', ['compression', 'cache']],
  ['change', ['rewrite', 'respond']],
  ['test', ['faults', 'mirror']],
]

/** What a policy is set to when somebody switches it on, before they change it. Some still need to be told something. */
const STARTS: { readonly [K in PolicyKey]: unknown } = {
  rateLimit: { rate: '100/m' },
  access: { allow: ['127.0.0.0/8', '::1/128'] },
  basicAuth: { users: {} },
  jwt: {},
  oidc: { issuer: '', clientId: '' },
  forwardAuth: {},
  limits: { bodyBytes: 10_485_760 },
  cors: { origins: [] },
  securityHeaders: { preset: 'development' },
  compression: {},
  cache: {},
  rewrite: {},
  faults: { delay: { time: '500ms' } },
  mirror: {},
  respond: { status: 503, body: 'Back in a minute.' },
}

export function startOf(policy: PolicyKey): unknown {
  return structuredClone(STARTS[policy])
}
