import { expect, test } from 'vitest'
import { judgeApps } from '../../../../src/main/engine/doctor/judge-apps.js'
import { judgeCa, judgeCertificates } from '../../../../src/main/engine/doctor/judge-certificates.js'
import { judgeGateway } from '../../../../src/main/engine/doctor/judge-gateway.js'
import { judgeHosts, judgeName } from '../../../../src/main/engine/doctor/judge-names.js'
import { judgePort, type PortFacts } from '../../../../src/main/engine/doctor/judge-ports.js'
import {
  judgeContainers,
  judgeEngines,
  judgeProxies,
  judgeTunnels,
} from '../../../../src/main/engine/doctor/judge-surroundings.js'
import { judgeTrust } from '../../../../src/main/engine/doctor/judge-trust.js'
import { COMMANDS, type Status } from '../../../../src/shared/contract.js'
import type { BackendStatus, CertificateStatus, ProcessStatus } from '../../../../src/shared/window-schemas.js'

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
    {
      status: 'fail',
      fix: {
        command: "portico cert renew '*.a.test'",
        action: { command: 'certificates.renew', params: { name: '*.a.test' } },
      },
    },
    { status: 'warn', fix: { command: null, action: null } },
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
  const outside = { container: false, wsl: false, containerTool: 'docker', dockerHost: null, bridge: '172.17.0.1' }
  const inside = { ...outside, container: true }
  expect(judgeContainers(inside, BOTH)).toMatchObject([
    { status: 'warn', fix: { text: expect.stringContaining('--bind') } },
  ])
  expect(judgeContainers(inside, ['0.0.0.0'])).toEqual([])
  expect(judgeContainers(outside, BOTH)).toMatchObject([
    { status: 'pass', message: expect.stringMatching(/do not reach .*--bind 172\.17\.0\.1.*host-gateway/) },
  ])
  expect(judgeContainers({ ...outside, bridge: null, dockerHost: '192.168.65.254' }, BOTH)).toMatchObject([
    { status: 'pass', message: expect.stringContaining('Containers reach the gateway at host.docker.internal') },
  ])
  expect(judgeContainers(inside, BOTH, 4443)[0]?.fix?.text).toContain('-p 4443:4443')
})

test('a VPN that has a say is told of, with what it does and a way around it', () => {
  const [whole, names] = judgeTunnels(
    [
      { name: 'wg0', defaultRoute: true, dns: true },
      { name: 'tailscale0', defaultRoute: false, dns: true },
    ],
    'portico',
  )
  expect(whole).toMatchObject({ id: 'vpn:wg0', status: 'warn', fix: { command: 'portico dns install --via hosts' } })
  expect(whole?.message).toMatch(/phones .*name servers/)
  expect(names?.message).not.toContain('phones')
  expect(judgeTunnels([], 'portico')).toEqual([])
})

test('old CAs in a store are taken out by the plan for that, and another gateway is named', () => {
  const store = { id: 'debian', title: 'Debian', state: 'trusted' as const, optional: false }
  const [check] = judgeTrust([{ ...store, detail: 'It trusts another Portico CA too: old' }], 'portico')
  expect(check).toMatchObject({ status: 'warn', fix: { plan: { action: 'clean', stores: ['debian'] } } })
  expect(judgeEngines([{ pid: 7, command: 'node', ports: [443] }])).toMatchObject([{ fix: { command: 'kill 7' } }])
})

test('what is wrong with names, ports, hosts lines and the CA has the plan that mends it', () => {
  const lookup = { addresses: [], error: 'ENOTFOUND' }
  const names = { kind: 'system', group: 'names', action: 'install' }
  expect(judgeName({ host: 'shop.test', lookup, bound: BOTH, portico: 'portico' }).fix?.plan).toEqual(names)
  const stale = { number: 3, address: '127.0.0.1', names: ['old.test'], own: true }
  const [line] = judgeHosts({ file: '/etc/hosts', lines: [stale] }, ['shop.test'], 'portico')
  expect(line?.fix?.plan).toEqual({ ...names, setting: 'hosts' })
  const foreign = { number: 4, address: '10.0.0.1', names: ['shop.test'], own: false }
  const [other] = judgeHosts({ file: '/etc/hosts', lines: [foreign] }, ['shop.test'], 'portico')
  expect(other).toMatchObject({ status: 'fail', fix: { plan: null } })
  const forbidden = { ...PORT, state: 'forbidden' } as const
  expect(judgePort(forbidden).fix?.plan).toEqual({ kind: 'system', group: 'ports', action: 'install' })
  expect(judgePort({ ...forbidden, permitCommand: null }).fix?.plan).toBeNull()
  expect(judgePort(PORT).fix?.plan).toBeNull()
  const ca = { notBefore: NOW, notAfter: NOW + DAY, constraints: null, outside: [{ host: 'a.dev', domain: 'a.dev' }] }
  expect(judgeCa(ca, NOW, 'portico').map(({ fix }) => fix?.plan)).toEqual([
    { kind: 'rotate', addDomains: [] },
    { kind: 'rotate', addDomains: [] },
    { kind: 'rotate', addDomains: ['a.dev'] },
  ])
  const store = { id: 'debian', title: 'Debian', state: 'stale' as const, optional: false, detail: '' }
  expect(judgeTrust([{ ...store, former: true }, store], 'portico').map(({ fix }) => fix?.plan)).toMatchObject([
    { kind: 'trust', action: 'replace' },
    { kind: 'trust', action: 'install' },
  ])
})

test('what a click sets right is a command that the contract has', () => {
  const process = { app: 'shop', state: 'failed', reason: 'It exited.', detached: false } as ProcessStatus
  const backend = {
    app: 'api',
    route: '/',
    url: 'http://127.0.0.1:9',
    health: 'healthy',
    draining: true,
  } as BackendStatus
  const checks = [
    ...judgeApps([process], [backend], 'portico'),
    ...judgeGateway({ status: { state: 'paused' } as Status }, 'portico'),
  ]
  const actions = checks.map(({ fix }) => fix?.action)
  expect(actions).toEqual([
    { command: 'app.restart', params: { name: 'shop' } },
    { command: 'backend.drain', params: { app: 'api', route: '/', url: 'http://127.0.0.1:9', draining: false } },
    { command: 'gateway.resume', params: {} },
  ])
  for (const action of actions) expect(COMMANDS[action!.command].params.safeParse(action!.params).success).toBe(true)
})

test('nothing of apps is in the way where none has failed', () => {
  expect(judgeApps([], [], 'portico')).toMatchObject([{ status: 'pass' }])
})
