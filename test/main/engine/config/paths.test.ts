import { homedir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../../src/main/engine/config/parse-config.js'
import {
  defaultConfigFile,
  defaultDataDir,
  resolveConfigPaths,
  resolvePath,
} from '../../../../src/main/engine/config/paths.js'

const BASE = path.resolve('/etc/portico')

test('relative paths begin at the folder of the config, "~/" at home, absolute ones stay', () => {
  expect(resolvePath(BASE, './site')).toBe(path.join(BASE, 'site'))
  expect(resolvePath(BASE, '../site')).toBe(path.resolve('/etc/site'))
  expect(resolvePath(BASE, path.resolve('/srv'))).toBe(path.resolve('/srv'))
  expect(resolvePath(BASE, '~/site')).toBe(path.join(homedir(), 'site'))
  expect(resolvePath(BASE, '~')).toBe(homedir())
  expect(resolvePath(BASE, '~other')).toBe(path.join(BASE, '~other'))
})

test('every file and directory of a config is made absolute, and nothing else changes', () => {
  const written = {
    version: 1,
    tls: { acme: { email: 'a@b.cd', directory: 'https://acme.example/dir', caFile: 'acme.pem' } },
    apps: [
      { name: 'a', certificate: { certFile: 'a.pem', keyFile: 'a.key' }, static: { dir: 'a' } },
      { name: 'b', process: { command: 'x', cwd: 'b', envFile: 'b.env', outputFile: 'b.log' } },
      {
        name: 'c',
        routes: [
          { path: '/s', static: { dir: 'c', spa: true } },
          { path: '/u', upstream: { backends: [{ url: 'https://u:1', caFile: 'u.pem' }, { url: 'http://v:1' }] } },
        ],
      },
    ],
  }
  const parsed = parseConfig(JSON.stringify(written))
  if (!parsed.ok) throw new Error('the config of this test is invalid')
  const expected = JSON.parse(
    JSON.stringify(parsed.config, (key, value) =>
      ['caFile', 'certFile', 'keyFile', 'dir', 'cwd', 'envFile', 'outputFile'].includes(key)
        ? path.join(BASE, value as string)
        : (value as unknown),
    ),
  ) as unknown
  expect(resolveConfigPaths(parsed.config, BASE)).toEqual(expected)
  expect(parsed.config.apps[0]?.static?.dir).toBe('a')
})

test('the default places are absolute, apart from each other, and carry the plain name', () => {
  expect(path.isAbsolute(defaultConfigFile())).toBe(true)
  expect(path.basename(defaultConfigFile())).toBe('config.json')
  expect(path.isAbsolute(defaultDataDir())).toBe(true)
  expect(path.dirname(defaultConfigFile())).not.toBe(defaultDataDir())
  expect(`${defaultConfigFile()} ${defaultDataDir()}`).not.toContain('nodejs')
})

test('the files that policies name are made absolute, at apps and at routes', () => {
  const policies = {
    jwt: { keyFile: 'keys.pem' },
    oidc: { issuer: 'https://id.test', clientId: 'c', caFile: 'ca.pem' },
    respond: { file: 'body.txt' },
    forwardAuth: false,
  }
  const routes = [{ path: '/', redirect: { to: '/x' }, policies }]
  const parsed = parseConfig(JSON.stringify({ version: 1, apps: [{ name: 'a', routes, policies }] }))
  if (!parsed.ok) throw new Error(`the config of this test is invalid: ${JSON.stringify(parsed)}`)
  const [app] = resolveConfigPaths(parsed.config, BASE).apps
  const absolute = {
    jwt: { keyFile: path.join(BASE, 'keys.pem') },
    oidc: { ...policies.oidc, caFile: path.join(BASE, 'ca.pem') },
    respond: { file: path.join(BASE, 'body.txt') },
    forwardAuth: false,
  }
  expect([app?.policies, app?.routes?.[0]?.policies]).toEqual([absolute, absolute])
})
