import { expect, test } from 'vitest'
import { chooseSettings, type Setting } from '../../../../src/main/platform/plan/setting.js'
import { judgeProgram } from '../../../../src/main/platform/privileged-ports/capability.js'
import { type LowPorts, lowPortSettings, OWN_FILE } from '../../../../src/main/platform/privileged-ports/low-ports.js'
import { redirectRules } from '../../../../src/main/platform/privileged-ports/redirect.js'
import { hasRedirects, iptablesScript } from '../../../../src/main/platform/privileged-ports/redirect-iptables.js'
import { makePlan } from '../../../../src/shared/plan.js'
import { fakeMachine } from '../trust-store/support.js'

const PORTS: LowPorts = { https: { port: 443, fallback: 4443 }, http: { port: 80, fallback: 8080 } }
const CURRENT = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
const DROP_IN = '/etc/sysctl.d/50-portico.conf'
const NODE = '/usr/bin/node'
const TOOLS = { '/usr/sbin/sysctl': '', '/usr/sbin/nft': '', '/usr/sbin/setcap': '', '/usr/sbin/getcap': '' }
const env = { PATH: '/usr/sbin' }

async function settings(
  files: Record<string, string>,
  { ports = PORTS, program = NODE, outputs = {}, tools = TOOLS as Record<string, string> } = {},
) {
  const all = await lowPortSettings(await fakeMachine({ env, files: { ...tools, ...files }, outputs }), ports, program)
  for (const { title, install, uninstall } of all) for (const steps of [install, uninstall]) makePlan(title, steps)
  const [sysctl, redirect, iptables, setcap] = all as [Setting, Setting, Setting, Setting]
  return { all, sysctl, redirect, iptables, setcap }
}

test('the kernel’s setting is the first choice: for now and for each boot, and taken back to what it was', async () => {
  const { all } = await settings({ [CURRENT]: '1024\n' })
  const [setting] = chooseSettings(all, 'install')
  const content = `${OWN_FILE}\n# before: 1024\nnet.ipv4.ip_unprivileged_port_start = 80\n`
  expect(setting).toMatchObject({ id: 'sysctl', state: 'off' })
  expect(setting?.install).toMatchObject([
    { kind: 'write-file', path: DROP_IN, content },
    {
      program: '/usr/sbin/sysctl',
      args: ['-w', 'net.ipv4.ip_unprivileged_port_start=80'],
      undo: { args: ['-w', expect.stringMatching('=1024')] },
    },
  ])
  const { sysctl } = await settings({ [CURRENT]: '80\n', [DROP_IN]: content })
  expect(sysctl).toMatchObject({ state: 'on', install: [] })
  expect(sysctl.uninstall).toMatchObject([{ kind: 'remove-file' }, { args: ['-w', expect.stringMatching('=1024')] }])
})

test('what others have permitted stays as they have it', async () => {
  const { sysctl } = await settings({ [CURRENT]: '0\n' })
  expect(sysctl).toMatchObject({ state: 'off', detail: expect.stringContaining('by other means') })
  expect(sysctl.install.map(({ kind }) => kind)).toEqual(['write-file'])
  const lower = await settings({ [CURRENT]: '500\n' })
  expect(lower.sysctl.install[0]).toMatchObject({ content: expect.stringContaining('# before: 500\n') })
})

test('without that setting there is the redirect, which systemd puts in force at each boot', async () => {
  const { all } = await settings({ '/run/systemd/system/x': '' })
  const [setting] = chooseSettings(all, 'install')
  expect(setting?.id).toBe('redirect')
  expect(setting?.install).toMatchObject([
    { path: '/etc/portico-redirect.nft', content: redirectRules(PORTS) },
    { args: ['-f', '/etc/portico-redirect.nft'], undo: { args: ['delete', 'table', 'inet', 'portico'] } },
    {
      path: '/etc/systemd/system/portico-redirect.service',
      content: expect.stringContaining('ExecStart=/usr/sbin/nft -f'),
    },
    { args: ['enable', 'portico-redirect.service'] },
  ])
  const made = await settings({ '/etc/portico-redirect.nft': redirectRules(PORTS) })
  expect(made.redirect).toMatchObject({ state: 'on', detail: '443 to 4443, 80 to 8080' })
  expect(made.redirect.uninstall).toMatchObject([
    { args: ['-f', '-'], stdin: 'table inet portico\ndelete table inet portico\n' },
    { kind: 'remove-file' },
  ])
})

const IPTABLES = { '/usr/sbin/iptables': '', '/usr/sbin/ip6tables': '' }
/** of iptables 1.8.9, `iptables -t nat -S` */
const SAVED = `-P PREROUTING ACCEPT
-P INPUT ACCEPT
-P OUTPUT ACCEPT
-P POSTROUTING ACCEPT
-N PORTICO
-A OUTPUT -j PORTICO
-A PORTICO -d 127.0.0.0/8 -p tcp -m tcp --dport 443 -j REDIRECT --to-ports 4443
-A PORTICO -d 127.0.0.0/8 -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080
`

test('a system that has iptables and no nft gets the redirect in a chain of its own', async () => {
  const { all } = await settings({ '/run/systemd/system/x': '' }, { tools: IPTABLES })
  const [setting] = chooseSettings(all, 'install')
  const content = iptablesScript(PORTS, '/usr/sbin')
  expect(setting).toMatchObject({ id: 'redirect-iptables', state: 'off' })
  expect(setting?.install).toMatchObject([
    { path: '/etc/portico-redirect.sh', content },
    {
      program: '/bin/sh',
      args: ['/etc/portico-redirect.sh', 'on'],
      undo: { args: ['/etc/portico-redirect.sh', 'off'] },
    },
    {
      path: '/etc/systemd/system/portico-redirect-iptables.service',
      content: expect.stringContaining('ExecStart=/bin/sh /etc/portico-redirect.sh on\n'),
    },
    { args: ['enable', 'portico-redirect-iptables.service'] },
  ])
  const made = { '/etc/portico-redirect.sh': content }
  const { iptables } = await settings(made, { tools: IPTABLES })
  expect(iptables).toMatchObject({ state: 'on', detail: '443 to 4443, 80 to 8080', install: [] })
  expect(iptables.uninstall).toMatchObject([{ args: ['/etc/portico-redirect.sh', 'off'] }, { kind: 'remove-file' }])
})

test('rules of iptables that the kernel has no more are put in force again, where that may be known', async () => {
  expect(hasRedirects(SAVED, PORTS)).toBe(true)
  expect(hasRedirects(SAVED.replace('4443', '5443'), PORTS)).toBe(false)
  expect(hasRedirects(SAVED.replace('-A OUTPUT -j PORTICO\n', ''), PORTS)).toBe(false)
  const made = { '/etc/portico-redirect.sh': iptablesScript(PORTS, '/usr/sbin') }
  const state = async (saved: string) =>
    (await settings(made, { tools: IPTABLES, outputs: { '-t nat -S': saved } })).iptables.state
  expect(await state(SAVED)).toBe('on')
  expect(await state('-P OUTPUT ACCEPT\n')).toBe('outdated')
})

test('the right of one program is for a packaged one, and its libraries are named to the loader', async () => {
  expect(judgeProgram('/opt/Portico/portico')).toBeNull()
  expect(judgeProgram('/home/ann/.nvm/versions/node/v24.1.0/bin/node')).toMatch('every script')
  expect(judgeProgram('/tmp/.mount_Porticabc/portico')).toMatch('AppImage')
  expect(judgeProgram('/home/ann/portico/portico')).toMatch('not installed')
  const program = '/opt/Portico/portico'
  const { setcap } = await settings({ [program]: '' }, { program, outputs: { getcap: '' } })
  expect(setcap.install).toMatchObject([
    { path: '/etc/ld.so.conf.d/portico.conf', content: `${OWN_FILE}\n/opt/Portico\n` },
    { program: '/usr/sbin/ldconfig' },
    { args: ['cap_net_bind_service=+ep', program], undo: { args: ['-r', program] } },
  ])
  const has = await settings(
    { [program]: '' },
    { program, outputs: { getcap: `${program} cap_net_bind_service=ep\n` } },
  )
  expect(has.setcap).toMatchObject({ state: 'on', install: [] })
})

test('nothing fits where no low port is wanted, and nothing is offered elsewhere', async () => {
  const ports = { https: { port: 8443, fallback: 4443 }, http: { port: 0, fallback: 8080 } }
  const { all } = await settings({ [CURRENT]: '1024\n' }, { ports })
  expect(() => chooseSettings(all, 'install')).toThrow('no port below 1024')
  for (const platform of ['darwin', 'win32'] as const) {
    expect(await lowPortSettings(await fakeMachine({ platform }), PORTS, NODE)).toEqual([])
  }
})
