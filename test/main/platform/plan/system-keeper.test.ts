import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SystemKeeper } from '../../../../src/main/platform/plan/system-keeper.js'
import { type Config, configSchema } from '../../../../src/shared/config.js'
import { fakeMachine } from '../trust-store/support.js'

const HOSTS = '127.0.0.1\tlocalhost\n'
const WISH = { group: 'names', action: 'install', setting: 'hosts' } as const

function configOf(more: object = {}): Config {
  return configSchema.parse({ version: 1, panel: { enabled: false }, ...more })
}

const SHOP = configOf({ apps: [{ name: 'shop', port: 3000, hosts: ['shop.test'] }] })

/** A machine whose files are in a folder, and whose administrator has approved already. */
async function begin(files: Record<string, string> = {}) {
  const machine = await fakeMachine({ files: { '/etc/hosts': HOSTS, ...files } })
  const keeper = new SystemKeeper(machine, {
    way: async () => 'already',
    find: async () => [],
    program: '/usr/bin/node',
  })
  return { machine, keeper, hosts: () => readFile(`${machine.root}/etc/hosts`, 'utf8') }
}

test('a setting is listed, planned, made and taken back, and the file is as it was', async () => {
  const { keeper, hosts, machine } = await begin()
  const [hostsFile] = (await keeper.list(SHOP)).names.filter(({ id }) => id === 'hosts')
  expect(hostsFile).toEqual({ id: 'hosts', title: 'Hosts file', unfit: null, state: 'off', detail: '', elevated: true })

  const plan = await keeper.plan(WISH, SHOP)
  expect(plan).toMatchObject({ ...{ group: 'names', action: 'install', elevated: true }, settings: [{ id: 'hosts' }] })
  expect(plan.settings[0]?.plan.steps).toMatchObject([{ kind: 'write-file', path: `${machine.root}/etc/hosts` }])
  expect(await hosts()).toBe(HOSTS)

  const made = await keeper.apply(WISH, SHOP, plan.id)
  expect(made).toMatchObject({ ok: true, settings: [{ id: 'hosts', state: 'on', outcome: { state: 'done' } }] })
  expect(await hosts()).toContain('127.0.0.1\tshop.test\n')
  expect((await keeper.list(SHOP)).names.find(({ id }) => id === 'hosts')).toMatchObject({ state: 'on' })

  const back = { ...WISH, action: 'uninstall' } as const
  const { id } = await keeper.plan(back, SHOP)
  expect(await keeper.apply(back, SHOP, id)).toMatchObject({ ok: true, settings: [{ state: 'off' }] })
  expect(await hosts()).toBe(HOSTS)
})

test('a plan that would be another one by now is refused, and nothing is changed', async () => {
  const { keeper, hosts, machine } = await begin()
  const { id } = await keeper.plan(WISH, SHOP)
  await writeFile(`${machine.root}/etc/hosts`, `${HOSTS}10.0.0.1\tnas\n`)
  await expect(keeper.apply(WISH, SHOP, id)).rejects.toMatchObject({ code: 'conflict' })
  expect(await hosts()).toBe(`${HOSTS}10.0.0.1\tnas\n`)

  const anew = await keeper.plan(WISH, SHOP)
  const other = configOf({ apps: [{ name: 'blog', port: 3000, hosts: ['blog.test'] }] })
  await expect(keeper.apply(WISH, other, anew.id)).rejects.toMatchObject({ code: 'conflict' })
  await expect(keeper.apply({ ...WISH, action: 'uninstall' }, SHOP, anew.id)).rejects.toMatchObject({
    code: 'conflict',
  })
})

test('approval that is refused is told of, with the state that stays', async () => {
  const { machine, hosts } = await begin()
  const keeper = new SystemKeeper(machine, { way: async () => null, find: async () => [] })
  const { id } = await keeper.plan(WISH, SHOP)
  expect(await keeper.apply(WISH, SHOP, id)).toMatchObject({
    ok: false,
    settings: [{ state: 'off', outcome: { state: 'cancelled' } }],
  })
  expect(await hosts()).toBe(HOSTS)
})

test('without a setting the best that fits is made, and all that are made are taken back', async () => {
  const { keeper, machine } = await begin({ '/proc/sys/net/ipv4/ip_unprivileged_port_start': '1024\n' })
  await mkdir(`${machine.root}/etc/sysctl.d`, { recursive: true })
  const install = await keeper.plan({ group: 'ports', action: 'install' }, SHOP)
  expect(install.settings.map(({ id }) => id)).toEqual(['sysctl'])
  expect((await keeper.plan({ group: 'ports', action: 'uninstall' }, SHOP)).settings).toEqual([])
  const names = await keeper.plan({ group: 'names', action: 'install' }, SHOP)
  expect(names.settings.map(({ id }) => id)).toEqual(['hosts'])
})

test('low ports are permitted and the permission taken back, with what the kernel says in between', async () => {
  const current = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  const { keeper, machine } = await begin({ [current]: '1024\n' })
  const ran: string[] = []
  machine.run = async (program, args) => {
    ran.push([program, ...args].join(' '))
    await writeFile(machine.root + current, `${args.at(-1)?.split('=')[1]}\n`)
    return { exitCode: 0, stdout: '', stderr: '' }
  }
  const permit = { group: 'ports', action: 'install', setting: 'sysctl' } as const
  const { id } = await keeper.plan(permit, SHOP)
  expect(await keeper.apply(permit, SHOP, id)).toMatchObject({ ok: true, settings: [{ id: 'sysctl', state: 'on' }] })
  const back = { group: 'ports', action: 'uninstall' } as const
  const removal = await keeper.plan(back, SHOP)
  expect(await keeper.apply(back, SHOP, removal.id)).toMatchObject({ ok: true, settings: [{ state: 'off' }] })
  expect(ran.map((line) => line.split('=').at(-1))).toEqual(['80', '1024'])
})

test('what is not there, does not fit or is not needed is refused with the reason', async () => {
  const { keeper } = await begin()
  await expect(keeper.plan({ ...WISH, setting: 'nrpt' }, SHOP)).rejects.toMatchObject({ code: 'not-found' })
  await expect(keeper.plan({ ...WISH, setting: 'systemd-resolved' }, SHOP)).rejects.toMatchObject({
    ...{ code: 'not-supported', message: expect.stringContaining('"enabled" to true under "dns"') },
  })
  const mac = new SystemKeeper(await fakeMachine({ platform: 'darwin' }), { find: async () => [] })
  expect((await mac.list(SHOP)).ports).toEqual([])
  await expect(mac.plan({ group: 'ports', action: 'install' }, SHOP)).rejects.toMatchObject({ code: 'not-supported' })
})
