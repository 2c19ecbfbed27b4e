import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_CONFIG_SIZE, parseConfig } from '../../../../src/main/engine/config/parse-config.js'
import { formatProblem } from '../../../../src/shared/problems.js'
import { DESIGN_EXAMPLE } from './example-config.js'

function problems(value: unknown): string[] {
  const parsed = parseConfig(typeof value === 'string' ? value : JSON.stringify(value))
  return parsed.ok ? [] : parsed.problems.map(formatProblem)
}

const app = (part: object) => ({
  version: 1,
  apps: [
    { name: 'a', port: 3000 },
    { name: 'b', port: 3001 },
    { name: 'c', ...part },
  ],
})
const route = (part: object) => app({ routes: [{ path: '/', redirect: { to: '/x' }, ...part }] })

test('the example of the documentation is valid and gets its defaults', () => {
  const parsed = parseConfig(JSON.stringify(DESIGN_EXAMPLE))
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'))
  expect(parsed.config.listen.https).toBe(443)
  expect(parsed.config.limits.headersTimeout).toBe('10s')
  expect(parsed.document).toEqual(DESIGN_EXAMPLE)
  expect(parsed.document).not.toHaveProperty('limits')
})

test('the smallest file is valid', () => {
  expect(parseConfig('{"version":1}')).toMatchObject({ ok: true, config: { apps: [] } })
})

test('a byte order mark is tolerated', () => {
  expect(parseConfig('\ufeff{"version":1}').ok).toBe(true)
})

test.each<[string, unknown, string]>([
  ['a path without slash', route({ path: 'v1' }), 'apps[2].routes[0].path: must begin with "/"'],
  [
    'a star inside',
    route({ path: '/a*/b' }),
    'apps[2].routes[0].path: may have a "*" only at the very end, as "/assets/*"',
  ],
  [
    'a query in a path',
    route({ path: '/a?b' }),
    'apps[2].routes[0].path: must be a path without query, fragment or spaces',
  ],
  [
    'a path that is never sent',
    route({ path: '/café' }),
    'apps[2].routes[0].path: must be written as it is sent: no spaces, and percent-encoded, as "/caf%C3%A9"',
  ],
  [
    'text for a number',
    app({ port: '3000' }),
    'apps[2].port: must be a whole number from 1 to 65535, not the text "3000"',
  ],
  ['a port too high', app({ port: 70000 }), 'apps[2].port: must be a port from 1 to 65535'],
  ['half a port', app({ port: 1.5 }), 'apps[2].port: must be a whole number from 1 to 65535, not the number 1.5'],
  [
    'text for a list',
    app({ port: 1, hosts: 'a.localhost' }),
    'apps[2].hosts: must be a list, not the text "a.localhost": write ["a.localhost"]',
  ],
  ['an unknown key', app({ port: 1, hots: ['x'] }), 'apps[2]: unknown key "hots": did you mean "hosts"?'],
  ['a misspelt target', app({ prot: 3000 }), 'apps[2]: unknown key "prot": did you mean "port"?'],
  [
    'two targets',
    app({ port: 1, static: { dir: 'x' } }),
    'apps[2]: must have exactly one of "port", "static", "process", "routes" or "demo" ("process" and "routes" may stand together)',
  ],
  [
    'a host that is a URL',
    app({ port: 1, hosts: ['https://c.localhost'] }),
    'apps[2].hosts[0]: must be a host name such as "shop.localhost" or "*.shop.localhost", without "https://"',
  ],
  [
    'a host with a port',
    app({ port: 1, hosts: ['c.localhost:3'] }),
    'apps[2].hosts[0]: must be a host name such as "shop.localhost" or "*.shop.localhost", without a port',
  ],
  [
    'a backend with a path',
    route({ redirect: undefined, upstream: { backends: [{ url: 'http://a:1/v1' }] } }),
    'apps[2].routes[0].upstream.backends[0].url: must be an origin such as "http://127.0.0.1:8000", without a path: "http://a:1" (a path goes into the route\'s "addPrefix")',
  ],
  [
    'backends that are all switched off',
    route({ redirect: undefined, upstream: { backends: [{ url: 'http://a:1', weight: 0 }] } }),
    'apps[2].routes[0].upstream.backends: must leave at least one backend a weight above 0',
  ],
  [
    'a certificate of no kind',
    app({ port: 1, certificate: 'locale' }),
    'apps[2].certificate: must be "local", "self-signed", "acme" or {"certFile": …, "keyFile": …}',
  ],
  [
    'half a certificate',
    app({ port: 1, certificate: { certFile: 'x' } }),
    'apps[2].certificate.keyFile: is missing: it must be text in quotes',
  ],
  [
    'a framing header',
    route({ headers: { request: { set: { 'Content-Length': '1' } } } }),
    'apps[2].routes[0].headers.request.set["Content-Length"]: frames the message, and only Portico itself may write it',
  ],
  [
    'a header with a line break',
    route({ headers: { response: { set: { x: 'a\r\nb: c' } } } }),
    'apps[2].routes[0].headers.response.set.x: must be a header value without line breaks',
  ],
  [
    'a status that is no redirect',
    route({ redirect: { to: '/', status: 200 } }),
    'apps[2].routes[0].redirect.status: must be 301, 302, 303, 307 or 308, not the number 200',
  ],
  [
    'a word of a choice',
    { version: 1, tls: { unknownHosts: 'Reject' } },
    'tls.unknownHosts: must be "default" or "reject", not "Reject": did you mean "reject"?',
  ],
  ['another version', { version: 2 }, 'version: must be 1, the only version of this format'],
  ['no version', {}, 'version: must be 1, the only version of this format'],
  [
    'a range too wide',
    { version: 1, trustedProxies: ['10.0.0.0/40'] },
    'trustedProxies[0]: must be an IP address or CIDR range such as "10.0.0.0/8"',
  ],
  [
    'a time limit of zero',
    { version: 1, defaults: { timeouts: { idle: '0s' } } },
    'defaults.timeouts.idle: must be longer than zero',
  ],
  [
    'a time limit that no timer can hold',
    { version: 1, defaults: { timeouts: { idle: '90d' } } },
    'defaults.timeouts.idle: must be at most "24d"',
  ],
  [
    'one port for both',
    { version: 1, listen: { https: 443, http: 443 } },
    'listen.http: must differ from "https": plain HTTP that reaches the HTTPS port is redirected anyway',
  ],
  ['a list as the file', [], 'the file must hold one object: { … }'],
  ['a syntax error', '{\n  "version": 1,\n}', 'line 2, column 15: remove the "," before "}"'],
  [
    'a key given twice',
    '{"version":1,"apps":[],\n"apps":[]}',
    'apps: is given twice, again on line 2: keep one of them',
  ],
])('%s is refused with its place and remedy', (_, value, expected) => {
  expect(problems(value)).toEqual([expected])
})

test('all problems come at once, clashes between apps included', () => {
  expect(
    problems({
      version: 1,
      apps: [
        { name: 'a', port: 'x' },
        { name: 'a', port: 1 },
        { name: 'b', port: 2, hosts: ['A.localhost.'] },
        { name: 'C', port: 3 },
      ],
    }),
  ).toEqual([
    'apps[0].port: must be a whole number from 1 to 65535, not the text "x"',
    'apps[3].name: must be 1 to 63 lower-case letters, digits or inner hyphens',
    'apps[1].name: is taken by another app: "a"',
    'apps[2].hosts[0]: "a.localhost" already belongs to app "a"',
  ])
})

test('a flood of problems is cut and counted', () => {
  const found = problems({ version: 1, apps: Array.from({ length: 500 }, () => 3) })
  expect(found).toHaveLength(51)
  expect(found.at(-1)).toBe('and 450 more problems')
})

test('control characters of a file never reach the terminal that shows its errors', () => {
  const nasty = '\u001b[2J\u009b1m\u202e\n'
  for (const line of problems({ version: 1, [nasty]: 1, apps: [{ name: nasty, port: nasty, hosts: [nasty] }] })) {
    expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/)
  }
})

test.each([
  '{"version":1,"__proto__":{"polluted":true}}',
  '{"version":1,"apps":[{"name":"a","port":1,"__proto__":{"polluted":true}}]}',
  '{"version":1,"apps":[{"name":"a","process":{"command":"x","env":{"__proto__":"1"}}}]}',
  '{"version":1,"constructor":{"prototype":{"polluted":true}}}',
])('%s is refused and pollutes nothing', (text) => {
  expect(parseConfig(text).ok).toBe(false)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('a file above 16 MB is refused without being read', () => {
  expect(problems(' '.repeat(MAX_CONFIG_SIZE + 1))).toEqual(['is larger than 16 MB'])
})

test('five thousand apps are read in less than two seconds', () => {
  const apps = Array.from({ length: 5_000 }, (_, index) => ({
    name: `app-${index}`,
    port: 3000,
    hosts: [`h${index}.localhost`],
  }))
  const start = performance.now()
  expect(parseConfig(JSON.stringify({ version: 1, apps })).ok).toBe(true)
  expect(performance.now() - start).toBeLessThan(2_000)
})

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), (text) => {
      expectSound(text)
    }),
    { numRuns: 1_000 },
  )
})

test('no change of a valid file makes it throw', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), fc.jsonValue(), (numbers, value) => {
      const next = () => numbers.next().value as number
      expectSound(JSON.stringify(mutate(structuredClone(DESIGN_EXAMPLE), value, next)))
      const text = JSON.stringify(DESIGN_EXAMPLE)
      const at = next() % text.length
      expectSound(text.slice(0, at) + text.slice(at + 1 + (next() % 10)))
    }),
    { numRuns: 1_000 },
  )
})

function expectSound(text: string): void {
  const parsed = parseConfig(text)
  if (parsed.ok) return
  expect(parsed.problems.length).toBeGreaterThan(0)
  for (const problem of parsed.problems) expect(problem.message).not.toBe('')
}

/** Replaces one random place in a document by another value, or renames or removes a key. */
function mutate(document: unknown, value: unknown, next: () => number): unknown {
  if (typeof document !== 'object' || document === null || next() % 6 === 0) return value
  const holder = document as Record<string, unknown>
  const keys = Object.keys(holder)
  const key = keys[next() % keys.length]
  if (key === undefined) return value
  const kind = next() % 8
  if (kind === 0) delete holder[key]
  else if (kind === 1) holder[`${key}x`] = value
  else holder[key] = mutate(holder[key], value, next)
  return document
}
