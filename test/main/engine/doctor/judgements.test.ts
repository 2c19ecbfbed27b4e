import { expect, test } from 'vitest'
import { judgeApps } from '../../../../src/main/engine/doctor/judge-apps.js'
import { judgeCa, judgeCertificates } from '../../../../src/main/engine/doctor/judge-certificates.js'
import { judgeName } from '../../../../src/main/engine/doctor/judge-names.js'
import { judgePort, type PortFacts } from '../../../../src/main/engine/doctor/judge-ports.js'
import { judgeContainers, judgeEngines, judgeProxies } from '../../../../src/main/engine/doctor/judge-surroundings.js'
import { judgeTrust } from '../../../../src/main/engine/doctor/judge-trust.js'
import type { CertificateStatus } from '../../../../src/shared/window-schemas.js'

const DAY = 86_400_000
const NOW = Date.parse('2026-06-01T00:00:00Z')
const BOTH = ['127.0.0.1', '::1']

test.each([
  ['shop.localhost', ['127.0.0.1', '::1'], BOTH, 'pass'],
  ['shop.localhost', [], BOTH, 'warn'],
  ['shop.test', [], BOTH, 'fail'],
  ['shop.test', ['93.184.215.14'], BOTH, 'fail'],
  ['shop.test', ['127.0.0.1', '::1'], ['127.0.0.1'], 'warn'],
  ['shop.test', ['::1'], ['127.0.0.1'], 'fail'],
  ['shop.test', ['127.0.0.1', '::1'], ['::'], 'pass'],
] as const)('%s that resolves to %j, for a gateway on %j: %s', (host, addresses, bound, status) => {
  const lookup = { addresses: [...addresses], error: addresses.length === 0 ? 'ENOTFOUND' : null }
  expect(judgeName({ host, lookup, bound, portico: 'portico' })).toMatchObject({ id: `name:${host}`, status })
})

const PORT: PortFacts = {
  protocol: 'https',
  wanted: 443,
  open: 4443,
  state: 'taken',
  holder: 'nginx (PID 812)',
  permitCommand: 'portico low-ports install',
  portico: 'portico',
}

test('a port that another process has is named with its holder, one that is forbidden with what permits it', () => {
  expect(judgePort({ ...PORT, open: 443 })).toMatchObject({ status: 'pass', fix: null })
  const taken = judgePort(PORT)
  expect(taken.message).toBe('Port 443 is taken by nginx (PID 812). HTTPS is on port 4443 meanwhile.')
  expect(taken.fix?.text).toContain('portico resume')
  expect(judgePort({ ...PORT, state: 'forbidden' })).toMatchObject({
    status: 'warn',
    fix: { command: 'portico low-ports install' },
  })
  expect(judgePort({ ...PORT, open: null, state: 'free' }).status).toBe('pass')
})

test.each([
  [NOW + DAY, NOW + 400 * DAY, 'fail', 'clock'],
  [NOW - 400 * DAY, NOW - DAY, 'fail', 'expired'],
  [NOW - DAY, NOW + 29 * DAY, 'warn', 'expires'],
  [NOW - DAY, NOW + 31 * DAY, 'pass', 'valid until'],
] as const)('a CA valid from %d to %d: %s', (notBefore, notAfter, status, word) => {
  const [check] = judgeCa(
    { notBefore, notAfter, constraints: { permitted: [], excluded: [] }, outside: [] },
    NOW,
    'portico',
  )
  expect(check).toMatchObject({ status, message: expect.stringContaining(word) })
})

test('a host that the CA may not vouch for fails, with the rotation that adds its domain', () => {
  const facts = { notBefore: NOW, notAfter: NOW + 400 * DAY, constraints: null }
  const checks = judgeCa({ ...facts, outside: [{ host: '*.shop.example', domain: 'shop.example' }] }, NOW, 'portico')
  expect(checks.map(({ status, fix }) => [status, fix?.command ?? null])).toEqual([
    ['pass', null],
    ['warn', 'portico ca rotate'],
    ['fail', 'portico ca rotate --add-domain shop.example'],
  ])
})

test('certificates that end soon or could not be renewed are told of, others are counted', () => {
  const certificate = (name: string, days: number, more: Partial<CertificateStatus> = {}): CertificateStatus => ({
    name,
    source: 'local',
    issuer: 'CN=Portico',
    notAfter: new Date(NOW + days * DAY).toISOString(),
    fingerprint: null,
    state: 'valid',
    lastError: null,
    ...more,
  })
  expect(judgeCertificates([certificate('a.test', 60), certificate('b.test', 30)], NOW, 'portico')).toMatchObject([
    { status: 'pass' },
  ])
  const trouble = [
    certificate('*.a.test', -1),
    certificate('b.test', 29, { source: 'file' }),
    certificate('c.test', 60, { lastError: 'no' }),
  ]
  expect(judgeCertificates(trouble, NOW, 'portico')).toMatchObject([
    { status: 'fail', fix: { command: "portico cert renew '*.a.test'" } },
    { status: 'warn', fix: { command: null } },
    { status: 'warn', message: 'The certificate of c.test: no' },
  ])
})

test.each([
  [{}, 'pass'],
  [{ HTTPS_PROXY: 'set' }, 'warn'],
  [{ HTTPS_PROXY: 'set', NO_PROXY: 'localhost' }, 'pass'],
  [{ all_proxy: 'set', no_proxy: '.localhost, 127.0.0.1' }, 'pass'],
  [{ HTTP_PROXY: 'set', NO_PROXY: 'corp.test' }, 'warn'],
  [{ HTTP_PROXY: 'set', NO_PROXY: '*' }, 'pass'],
] as const)('proxies by %j: %s', (variables, status) => {
  const [check] = judgeProxies(variables as Record<string, string>, ['shop.localhost'])
  expect(check?.status).toBe(status)
})

test('what is said of containers depends on where the gateway listens', () => {
  const outside = { container: false, wsl: false, containerTool: 'docker', dockerHost: '172.17.0.1' }
  const inside = { ...outside, container: true }
  expect(judgeContainers(inside, BOTH)).toMatchObject([
    { status: 'warn', fix: { text: expect.stringContaining('--bind') } },
  ])
  expect(judgeContainers(inside, ['0.0.0.0'])).toEqual([])
  expect(judgeContainers(outside, BOTH)).toMatchObject([
    { status: 'pass', message: expect.stringContaining('host-gateway') },
  ])
})

test('old CAs in a store are taken out by the plan for that, and another gateway is named', () => {
  const store = { id: 'debian', title: 'Debian', state: 'trusted' as const, optional: false }
  const [check] = judgeTrust([{ ...store, detail: 'It trusts another Portico CA too: old' }], 'portico')
  expect(check).toMatchObject({ status: 'warn', fix: { plan: { action: 'clean', stores: ['debian'] } } })
  expect(judgeEngines([{ pid: 7, command: 'node', ports: [443] }])).toMatchObject([{ fix: { command: 'kill 7' } }])
})

test('nothing of apps is in the way where none has failed', () => {
  expect(judgeApps([], [], 'portico')).toMatchObject([{ status: 'pass' }])
})
