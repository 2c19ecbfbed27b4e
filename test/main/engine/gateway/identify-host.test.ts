import { describe, expect, test } from 'vitest'
import { type HostClaims, identifyHost } from '../../../../src/main/engine/gateway/identify-host.js'
import { RouteTable } from '../../../../src/main/engine/gateway/route-table.js'
import { configSchema } from '../../../../src/shared/config.js'

const table = new RouteTable(
  configSchema.parse({
    version: 1,
    apps: [
      { name: 'one', port: 1, hosts: ['one.test', '*.one.test'] },
      { name: 'two', port: 2, hosts: ['two.test'] },
    ],
  }),
)

const claims = (changes: Partial<HostClaims>): HostClaims => ({
  sni: null,
  hostFields: [],
  authority: null,
  ...changes,
})
const identify = (changes: Partial<HostClaims>) => {
  const { host, authority, app } = identifyHost(claims(changes), table)
  return [host, authority, app?.name ?? null]
}

test.each<[Partial<HostClaims>, unknown[]]>([
  [{ hostFields: ['one.test'] }, ['one.test', 'one.test', 'one']],
  [{ hostFields: ['ONE.test.:8443'] }, ['one.test', 'ONE.test.:8443', 'one']],
  [{ authority: 'one.test' }, ['one.test', 'one.test', 'one']],
  [{ authority: 'one.test:1', hostFields: ['one.test:1'] }, ['one.test', 'one.test:1', 'one']],
  [{ authority: 'one.test', hostFields: ['One.Test'] }, ['one.test', 'one.test', 'one']],
  [{ sni: 'one.test', hostFields: ['x.one.test'] }, ['x.one.test', 'x.one.test', 'one']],
  [{ sni: 'one.test', hostFields: ['one.test'] }, ['one.test', 'one.test', 'one']],
  [{ sni: 'unknown.test', hostFields: ['other.test'] }, ['other.test', 'other.test', null]],
  [{ hostFields: ['[::1]:443'] }, ['::1', '[::1]:443', null]],
])('%j is %j', (given, expected) => {
  expect(identify(given)).toEqual(expected)
})

describe('400 for', () => {
  test.each<[string, Partial<HostClaims>]>([
    ['no host at all', {}],
    ['two Host fields', { hostFields: ['one.test', 'one.test'] }],
    ['two Host fields beside an authority', { authority: 'one.test', hostFields: ['one.test', 'one.test'] }],
    ['an empty Host', { hostFields: [''] }],
    ['a Host that is none', { hostFields: ['one.test/x'] }],
    ['an authority that differs', { authority: 'one.test', hostFields: ['two.test'] }],
    ['an authority with another port', { authority: 'one.test:1', hostFields: ['one.test:2'] }],
    ['an authority with user information', { authority: 'me@one.test' }],
  ])('%s', (_name, given) => {
    expect(() => identify(given)).toThrow(expect.objectContaining({ status: 400, code: 'bad-request' }))
  })
})

describe('421 for a connection that was opened for', () => {
  test.each<[string, Partial<HostClaims>]>([
    ['another app', { sni: 'two.test', hostFields: ['one.test'] }],
    ['a known app, when the request is for an unknown host', { sni: 'two.test', hostFields: ['other.test'] }],
    ['an unknown host, when the request is for an app', { sni: 'other.test', authority: 'one.test' }],
  ])('%s', (_name, given) => {
    expect(() => identify(given)).toThrow(expect.objectContaining({ status: 421, code: 'misdirected' }))
  })
})
