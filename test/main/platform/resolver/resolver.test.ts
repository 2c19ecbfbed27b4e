import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { chooseSettings } from '../../../../src/main/platform/plan/setting.js'
import { domainsOf } from '../../../../src/main/platform/resolver/domains.js'
import { namesToList } from '../../../../src/main/platform/resolver/names.js'
import { judgeNetworkManager } from '../../../../src/main/platform/resolver/network-manager.js'
import { readResolvectl, systemdVersion } from '../../../../src/main/platform/resolver/resolvectl-status.js'
import { resolverSettings } from '../../../../src/main/platform/resolver/resolver.js'
import { judgeResolved } from '../../../../src/main/platform/resolver/systemd-resolved.js'
import { OWN_FILE, type ResolverWish } from '../../../../src/main/platform/resolver/wish.js'
import type { Step } from '../../../../src/shared/plan.js'
import { fakeMachine } from '../trust-store/support.js'

const WISH: ResolverWish = {
  hosts: ['*.shop.test', 'api.shop.internal', 'shop.localhost', 'shop.test'],
  dnsPort: 15353,
  names: ['api.shop.internal', 'shop.test'],
  addresses: ['127.0.0.1', '::1'],
}

test('whole domains are asked for only where they are nobody else’s', () => {
  expect(domainsOf(['*.shop.test', 'a.test', 'b.localhost', 'localhost'])).toEqual(['localhost', 'test'])
  expect(domainsOf(['dev.example.com', '*.dev.example.com', 'a.dev.example.com'])).toEqual(['dev.example.com'])
  expect(domainsOf(['nas.internal', 'nas.local', '127.0.0.1', '::1'])).toEqual(['nas.internal', 'nas.local'])
})

test('the hosts file gets the names that lead elsewhere or nowhere, and keeps those that only it has', async () => {
  const known: Record<string, string[]> = {
    'a.localhost': ['127.0.0.1', '::1'],
    'b.test': ['127.0.0.1'],
    'c.test': ['10.0.0.1'],
  }
  const hosts = ['a.localhost', 'b.test', 'c.test', 'd.test', '*.e.test', '127.0.0.1']
  expect(await namesToList(hosts, ['b.test'], async (name) => known[name] ?? [])).toEqual([
    'b.test',
    'c.test',
    'd.test',
  ])
})

describe('systemd-resolved', () => {
  const status = [
    'Global',
    '           Protocols: +LLMNR +mDNS -DNSOverTLS DNSSEC=no/unsupported',
    '    resolv.conf mode: stub',
    '  Current DNS Server: 127.0.0.1:15353',
    '         DNS Servers: 127.0.0.1:15353',
    '          DNS Domain: ~test ~shop.internal',
    '',
    'Link 2 (enp0s1)',
    '    Current Scopes: DNS LLMNR/IPv4',
    '         DNS Servers: 192.168.1.1',
    '                      fe80::1',
    '',
  ].join('\n')
  const facts = { status, version: 252, nsswitch: 'hosts: files dns\n', resolvConf: 'nameserver 127.0.0.53\n' }

  test('its status is read, global servers apart from those of networks', () => {
    expect(readResolvectl(status)).toEqual({ servers: ['127.0.0.1:15353'], domains: ['~test', '~shop.internal'] })
    const several =
      'Global\n  DNS Servers: 1.1.1.1\n               2606:4700:4700::1111\nFallback DNS Servers: 9.9.9.9\n'
    expect(readResolvectl(several).servers).toEqual(['1.1.1.1', '2606:4700:4700::1111'])
    expect(systemdVersion('systemd 252 (252.30-1~deb12u2)\n+PAM\n')).toBe(252)
  })

  test('it fits where programs ask it, and it asks nobody for all networks', () => {
    expect(judgeResolved(facts)).toBeNull()
    const fedora = 'hosts: files myhostname mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns\n'
    expect(judgeResolved({ ...facts, nsswitch: fedora, resolvConf: 'nameserver 192.168.1.1\n' })).toBeNull()
    expect(judgeResolved({ ...facts, resolvConf: 'nameserver 192.168.1.1\n' })).toMatch('do not ask')
    expect(judgeResolved({ ...facts, version: 245 })).toMatch('246')
    expect(judgeResolved({ ...facts, status: null })).toMatch('does not run')
    const confined = status.replace('DNS Servers: 127.0.0.1:15353', 'DNS Servers: 1.1.1.1')
    expect(judgeResolved({ ...facts, status: confined })).toMatch('1.1.1.1')
  })

  test('its drop-in has port and domains, and is on when it is there as it should be', async () => {
    const files = {
      '/usr/bin/resolvectl': '',
      '/etc/nsswitch.conf': facts.nsswitch,
      '/etc/resolv.conf': facts.resolvConf,
      '/etc/hosts': '127.0.0.1\tlocalhost\n',
    }
    const machine = () =>
      fakeMachine({ env: { PATH: '/usr/bin' }, files, outputs: { status, version: 'systemd 252 (252)' } })
    const [setting] = chooseSettings(await resolverSettings(await machine(), WISH), 'install')
    expect(setting).toMatchObject({ id: 'systemd-resolved', state: 'off', unfit: null })
    const content = `${OWN_FILE}\n[Resolve]\nDNS=127.0.0.1:15353\nDomains=~api.shop.internal ~test\n`
    const file = '/etc/systemd/resolved.conf.d/portico.conf'
    expect(setting?.install).toMatchObject([
      { kind: 'write-file', path: file, content, elevated: true },
      { kind: 'command', args: ['try-restart', 'systemd-resolved.service'], refresh: true },
    ])
    Object.assign(files, { [file]: content })
    const [made] = chooseSettings(await resolverSettings(await machine(), WISH), 'uninstall')
    expect(made).toMatchObject({ state: 'on', detail: 'api.shop.internal test', install: [] })
    expect(made?.uninstall[0]).toMatchObject({ kind: 'remove-file', path: file })
    expect((await resolverSettings(await machine(), { ...WISH, dnsPort: 53 }))[0]?.state).toBe('outdated')
  })
})

test('dnsmasq of NetworkManager fits where it was chosen and is asked', async () => {
  const chosen = '[main]\nplugins=keyfile\ndns=dnsmasq\n\n[connection]\ndns=none\n'
  expect(judgeNetworkManager([chosen], 'nameserver 127.0.0.1\n')).toBeNull()
  expect(judgeNetworkManager([chosen], 'nameserver 127.0.1.1\n')).toBeNull()
  expect(judgeNetworkManager([chosen], 'nameserver 192.168.1.1\n')).toMatch('do not ask')
  expect(judgeNetworkManager([chosen, '[main]\ndns=systemd-resolved\n'], 'nameserver 127.0.0.1\n')).toMatch(
    'no dnsmasq',
  )
  expect(judgeNetworkManager(['[main]\n'], '')).toMatch('no dnsmasq')
  const files = { '/etc/NetworkManager/conf.d/dns.conf': chosen, '/etc/resolv.conf': 'nameserver 127.0.0.1\n' }
  const [setting] = chooseSettings(await resolverSettings(await fakeMachine({ files }), WISH), 'install')
  expect(setting?.install[0]).toMatchObject({
    path: '/etc/NetworkManager/dnsmasq.d/portico.conf',
    content: `${OWN_FILE}\nserver=/api.shop.internal/127.0.0.1#15353\nserver=/localhost/127.0.0.1#15353\nserver=/test/127.0.0.1#15353\n`,
  })
})

test('macOS gets a file for each domain, and those of others stay', async () => {
  const files = { '/etc/resolver/test': 'nameserver 10.0.0.1\n', '/etc/resolver/old.test': `${OWN_FILE}\nport 1\n` }
  const machine = await fakeMachine({ platform: 'darwin', files })
  const [setting] = chooseSettings(await resolverSettings(machine, WISH), 'install')
  const content = `${OWN_FILE}\nnameserver 127.0.0.1\nport 15353\ntimeout 2\n`
  expect(setting).toMatchObject({ id: 'resolver-files', state: 'outdated' })
  expect(setting?.install).toMatchObject([
    { kind: 'write-file', path: '/etc/resolver/api.shop.internal', content },
    { kind: 'write-file', path: '/etc/resolver/localhost', content },
    { kind: 'remove-file', path: '/etc/resolver/old.test' },
    { kind: 'note', text: expect.stringContaining('/etc/resolver/test') },
  ])
  expect(setting?.uninstall.map((step) => (step as { path: string }).path)).toEqual(['/etc/resolver/old.test'])
})

test('Windows gets rules where Portico is at port 53, and the hosts file elsewhere', async () => {
  const env = { SystemRoot: 'C:\\Windows' }
  const machine = await fakeMachine({ platform: 'win32', env, outputs: { 'Get-DnsClientNrptRule': '.test\r\n' } })
  const settings = await resolverSettings(machine, WISH)
  expect(settings[0]).toMatchObject({ id: 'nrpt', state: 'outdated', unfit: expect.stringContaining('port 53 only') })
  expect(chooseSettings(settings, 'install')[0]?.id).toBe('hosts')
  const [rules] = chooseSettings(await resolverSettings(machine, { ...WISH, dnsPort: 53 }), 'install')
  const script = (rules?.install[0] as Extract<Step, { kind: 'command' }> | undefined)?.args.at(-1)
  const namespaces = "'api.shop.internal','.api.shop.internal','.localhost','.test'"
  expect(script).toContain(`Add-DnsClientNrptRule -Namespace ${namespaces} -NameServers '127.0.0.1' -Comment 'Portico'`)
  expect(settings[1]?.install[0]).toMatchObject({
    path: 'C:\\Windows\\System32\\drivers\\etc\\hosts',
    content: expect.stringMatching(/^# BEGIN Portico\r\n127\.0\.0\.1\tapi\.shop\.internal\r\n/),
  })
})

describe('the hosts file', () => {
  const hosts = async (files: Record<string, string>, wish: ResolverWish = { ...WISH, dnsPort: null }) =>
    (await resolverSettings(await fakeMachine({ files }), wish)).find(({ id }) => id === 'hosts')

  test('is what fits when Portico’s DNS is off, and says what it can not do', async () => {
    const setting = await hosts({
      '/etc/hosts': '127.0.0.1 localhost\n',
      '/proc/version': 'Linux 5.15-microsoft-standard-WSL2',
    })
    expect(setting).toMatchObject({ state: 'off', unfit: null, uninstall: [] })
    expect(setting?.install.map(({ kind }) => kind)).toEqual(['write-file', 'note', 'note'])
    expect(setting?.install[1]).toMatchObject({ text: expect.stringContaining('*.shop.test') })
    expect(setting?.install[2]).toMatchObject({ text: expect.stringContaining('generateHosts') })
  })

  test('is outdated when the hosts have changed, and taken back to what it was', async () => {
    const before = '127.0.0.1 localhost'
    const made = (await hosts({ '/etc/hosts': before }))?.install[0] as Extract<Step, { kind: 'write-file' }>
    expect(await hosts({ '/etc/hosts': made.content })).toMatchObject({ state: 'on' })
    expect(await hosts({ '/etc/hosts': made.content }, { ...WISH, names: ['new.test'] })).toMatchObject({
      state: 'outdated',
    })
    expect((await hosts({ '/etc/hosts': made.content }))?.uninstall).toMatchObject([{ content: before }])
  })

  test('is left alone when its bytes would not survive', async () => {
    const machine = await fakeMachine({ files: { '/etc/hosts': 'x' } })
    const { writeFile } = await import('node:fs/promises')
    await writeFile(`${machine.root}/etc/hosts`, Buffer.from([0x31, 0xe9, 0x0a]))
    const setting = (await resolverSettings(machine, { ...WISH, dnsPort: null })).find(({ id }) => id === 'hosts')
    expect(setting).toMatchObject({ unfit: expect.stringContaining('UTF-8'), install: [], uninstall: [] })
    expect(await readFile(`${machine.root}/etc/hosts`)).toHaveLength(3)
  })
})
