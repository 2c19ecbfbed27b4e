import { expect, test } from 'vitest'
import { placePolicies } from '../../src/main/engine/gateway/policies/policy-order.js'
import {
  atFields,
  draftAt,
  problemsOf,
  toForm,
  toJson,
  withJson,
} from '../../src/renderer/features/policies/policy-draft.js'
import { scopeAt, scopesOf, standingOf, withPolicy } from '../../src/renderer/features/policies/policy-scopes.js'
import { summaryOf } from '../../src/renderer/features/policies/policy-summary.js'
import { type App, appSchema } from '../../src/shared/config.js'
import { type PolicyKey, policiesSchema } from '../../src/shared/policies-schema.js'

const upstream = { backends: [{ url: 'http://localhost:3000' }] }
const LIMIT = { rate: '5/s' }
const API: App = {
  name: 'api',
  policies: { rateLimit: { rate: '100/m' }, cors: { origins: ['*'] }, cache: false },
  routes: [
    { path: '/api/*', upstream, policies: { rateLimit: LIMIT, cors: false, limits: { concurrency: 2 } } },
    { path: '/api/admin', methods: ['POST'], upstream },
    { path: '/', upstream, stripPrefix: '/x' },
  ],
}
const AT_API = { path: '/api/*', methods: [] }

test('what holds at a route is what the gateway asks there', () => {
  const keys = Object.keys(policiesSchema.shape) as PolicyKey[]
  for (const [index, scope] of scopesOf(API).entries()) {
    const asked = placePolicies(API.policies, API.routes?.[index]?.policies)
    const shown = keys.flatMap((key) => {
      const { own, settings } = standingOf(API, scope, key)
      return settings === null ? [] : [{ key, of: own === undefined ? 'app' : 'route', settings }]
    })
    expect(shown).toHaveLength(asked.length)
    expect(shown).toEqual(expect.arrayContaining(asked))
  }
  expect(standingOf(API, null, 'cache').settings).toBeNull()
  expect(standingOf(API, AT_API, 'cors')).toMatchObject({ own: false, shared: { origins: ['*'] }, settings: null })
})

test('a policy is set, turned off and taken away at one place alone', () => {
  expect(withPolicy({ name: 'shop', port: 1 }, null, 'compression', {})).toEqual({
    name: 'shop',
    port: 1,
    policies: { compression: {} },
  })
  const off = withPolicy({ name: 'shop', port: 1, policies: { compression: {} } }, null, 'compression', undefined)
  expect(off).toEqual({ name: 'shop', port: 1 })
  const changed = withPolicy(API, AT_API, 'rateLimit', undefined)
  expect(changed.routes?.[0]?.policies).toEqual({ cors: false, limits: { concurrency: 2 } })
  expect(changed.routes?.slice(1)).toEqual(API.routes?.slice(1))
  expect(changed.policies).toEqual(API.policies)
  const post = { path: '/api/admin', methods: ['POST'] }
  expect(withPolicy(API, post, 'rateLimit', false).routes?.[1]?.policies).toEqual({ rateLimit: false })
  expect(API.routes?.[0]?.policies?.rateLimit).toEqual(LIMIT)
})

const SHORT: [App, object][] = [
  [{ name: 'a', port: 3000, hosts: ['a.localhost'] }, { upstream }],
  [{ name: 'b', static: { dir: './site' } }, { static: { dir: './site' } }],
  [{ name: 'c', process: { command: 'x' } }, { process: true }],
]

test.each(SHORT)('a path of its own leads where the app has led: $name', (app, target) => {
  const scope = scopeAt(app, '/api/', true)
  expect(scope).toEqual(AT_API)
  if (typeof scope === 'string') return
  const changed = withPolicy(app, scope, 'rateLimit', LIMIT)
  expect(changed.routes).toEqual([
    { path: '/api/*', ...target, policies: { rateLimit: LIMIT } },
    { path: '/', ...target },
  ])
  expect(appSchema.safeParse(changed).error).toBeUndefined()
  expect(changed.hosts).toEqual(app.hosts)
  expect(standingOf(changed, scope, 'rateLimit').settings).toEqual(LIMIT)
  expect(withPolicy(changed, scope, 'rateLimit', undefined)).toEqual(app)
})

test('routes stay where they do more than the short form says', () => {
  const at = { path: '/api/*', methods: [] }
  const routes = (root: object, api: object = { upstream }) => [
    { path: '/api/*', ...api, policies: { rateLimit: LIMIT } },
    { path: '/', ...root },
  ]
  const kept: App[] = [
    { name: 'a', routes: routes({ upstream, stripPrefix: '/x' }) },
    { name: 'b', routes: routes({ upstream, policies: { cors: false } }) },
    { name: 'c', routes: routes({ upstream: { ...upstream, balance: 'random' } }) },
    { name: 'd', routes: routes({ upstream }, { upstream, methods: ['GET'] }) },
    { name: 'e', routes: routes({ upstream }).slice(0, 1) },
    { name: 'f', process: { command: 'x' }, routes: routes({ process: true }) },
  ]
  for (const app of kept) {
    const [api] = app.routes ?? []
    const scope = api?.methods === undefined ? at : { ...at, methods: api.methods }
    expect(withPolicy(app, scope, 'rateLimit', undefined).routes).toHaveLength(app.routes?.length ?? 0)
  }
})

test('a path below a route keeps what the route does, its policies too', () => {
  const scope = scopeAt(API, '/api/v1', true)
  if (typeof scope === 'string') throw new Error(scope)
  expect(standingOf(API, scope, 'rateLimit').own).toEqual(LIMIT)
  expect(withPolicy(API, scope, 'cors', { origins: ['*'] }).routes?.[0]).toEqual({
    path: '/api/v1/*',
    upstream,
    policies: { rateLimit: LIMIT, cors: { origins: ['*'] }, limits: { concurrency: 2 } },
  })
})

test('a path is found, or why there is none', () => {
  expect(scopeAt(API, '/api', true)).toEqual(AT_API)
  expect(scopeAt(API, '/api', false)).toEqual({ path: '/api', methods: [] })
  expect(scopeAt(API, '/', true)).toEqual({ path: '/', methods: [] })
  expect(scopeAt(API, '/api/admin', false)).toEqual({ path: '/api/admin', methods: ['POST'] })
  expect(['', 'api', '/a b', '/a?x'].map((path) => scopeAt(API, path, true))).toEqual(Array(4).fill('malformed'))
  const only: App = { name: 'x', routes: [{ path: '/api/*', upstream }] }
  expect(scopeAt(only, '/other', true)).toBe('nowhere')
  expect(scopeAt(only, '/apix', true)).toBe('nowhere')
  expect(scopeAt({ name: 'demo', demo: true }, '/api', true)).toBe('nowhere')
})

test('form and JSON are two views of one value', () => {
  const draft = draftAt(API, AT_API, 'rateLimit')
  expect(draft.value).toEqual(LIMIT)
  const json = toJson(draft)
  expect(JSON.parse(json.json ?? '')).toEqual(LIMIT)
  const changed = withJson(json, '{"rate": "7/h"}')
  expect(changed.value).toEqual({ rate: '7/h' })
  expect(toForm(changed)).toMatchObject({ json: null, value: { rate: '7/h' } })
  const broken = withJson(changed, '{"rate": ')
  expect(broken.value).toEqual({ rate: '7/h' })
  expect(toForm(broken)).toBe(broken)
  expect(problemsOf('rateLimit', broken)[0]?.message).toMatch(/^This is not JSON/)
  const text = withJson(changed, '"7/h"')
  expect(toForm(text)).toBe(text)
  expect(problemsOf('rateLimit', text)).toEqual([{ path: '', message: 'must be an object, not the text "7/h"' }])
})

test('what is off begins with what its app has, or with something sensible', () => {
  expect(draftAt(API, AT_API, 'cors').value).toEqual({ origins: ['*'] })
  expect(draftAt(API, null, 'cache').value).toEqual({})
  expect(draftAt({ name: 'shop', port: 1 }, null, 'rateLimit').value).toEqual({ rate: '100/m' })
})

test('problems are the engine’s, by the place of the value', () => {
  const at = (policy: PolicyKey, value: unknown) => problemsOf(policy, { value, vault: new Map(), json: null })
  expect(at('rateLimit', { rate: '0/m', burst: 'x', by: { header: 'a b' }, colour: 1 })).toEqual([
    { path: 'rate', message: 'must be a rate such as "100/m"' },
    { path: 'burst', message: 'must be a whole number of at least 0, not the text "x"' },
    { path: 'by.header', message: 'must be a header name (RFC 9110 token)' },
    { path: '', message: expect.stringContaining('unknown key "colour"') },
  ])
  expect(at('access', { allow: ['10.0.0.0/8', 'home'] })).toEqual([
    { path: 'allow[1]', message: 'must be an IP address or CIDR range such as "10.0.0.0/8"' },
  ])
  expect(at('basicAuth', { users: { ann: '(hidden 3)' } }).map(({ path }) => path)).toEqual(['users.ann', 'users.ann'])
  expect(at('compression', {})).toEqual([])
})

test('a problem of the whole is told at the first field that it speaks of', () => {
  const problems = problemsOf('jwt', { value: {}, vault: new Map(), json: null })
  expect(problems).toEqual([{ path: '', message: 'must have either "jwks" or "keyFile"' }])
  expect(atFields(problems, ['issuer', 'jwks', 'keyFile'])).toEqual([{ ...problems[0], path: 'jwks' }])
  const unknown = { path: '', message: 'unknown key "keys": did you mean "jwks"?' }
  expect(atFields([unknown], ['jwks'])).toEqual([unknown])
})

const SUMMARIES: { [K in PolicyKey]: [unknown, string][] } = {
  rateLimit: [
    [{ rate: '100/m' }, '100 requests per minute per client'],
    [{ rate: '1/s', by: 'all', burst: 5 }, '1 request per second in all, burst 5'],
    [{ rate: '5000/h', by: { header: 'X-Key' } }, '5,000 requests per hour per X-Key'],
  ],
  access: [[{ allow: ['10.0.0.0/8'], deny: ['10.1.1.1'] }, 'Only 10.0.0.0/8, not 10.1.1.1']],
  basicAuth: [[{ users: { a: 'x', b: 'x', c: 'x', d: 'x' } }, 'Asks for the password of a, b, c and 1 more']],
  jwt: [[{ jwks: 'https://id/jwks', issuer: 'me', audience: ['x', 'y'] }, 'Issued by me, for x, y']],
  oidc: [[{ issuer: 'https://id.example.com/realm', clientId: 'x' }, 'At id.example.com']],
  forwardAuth: [[{ app: 'auth', path: '/verify' }, 'Asks auth/verify']],
  limits: [[{ bodyBytes: 10_485_760, concurrency: 4 }, 'Bodies up to 10 MiB, 4 at once']],
  cors: [
    [{ origins: ['https://a.localhost', { regex: 'x' }], credentials: true }, 'https://a.localhost, /x/, with cookies'],
  ],
  securityHeaders: [
    [{ preset: 'production-like', csp: "default-src 'self'" }, 'Production-like preset, Content-Security-Policy'],
  ],
  compression: [[{}, 'zstd, br, gzip']],
  cache: [[{ diskBytes: 268_435_456 }, '64 MiB in memory, 256 MiB on disk']],
  rewrite: [
    [{}, 'With the defaults'],
    [{ path: [{ match: 'a', to: '/' }], response: {} }, '1 path, answer headers'],
  ],
  faults: [
    [{ enabled: false, delay: { time: '2s' }, error: { status: 503, share: 0.05 } }, 'Paused, 2s slower, 503 for 5 %'],
  ],
  mirror: [[{ app: 'next', share: 0.1 }, 'To next for 10 %']],
  respond: [[{ status: 503, body: 'Back soon.\nReally.' }, 'Answers 503, Back soon.']],
}

test.each(Object.entries(SUMMARIES))('%s is told in one line', (policy, cases) => {
  for (const [settings, line] of cases) expect(summaryOf(policy as PolicyKey, settings as never)).toBe(line)
})
