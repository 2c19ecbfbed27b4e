import { expect, test } from 'vitest'
import type { Machine } from '../../../../src/main/platform/trust-store/machine.js'
import { TrustKeeper } from '../../../../src/main/platform/trust-store/trust-keeper.js'
import { Fault } from '../../../../src/shared/fault.js'
import { type FakeMachine, fakeMachine, makeCa } from './support.js'

type Ca = Awaited<ReturnType<typeof makeCa>>

/** Windows whose root stores do what they are told, as far as `deaf` lets them. */
async function windows({ deaf = false } = {}): Promise<{ machine: FakeMachine; roots: Map<string, string[]> }> {
  const roots = new Map<string, string[]>([
    ['user', []],
    ['all', []],
  ])
  const machine = await fakeMachine({ platform: 'win32' })
  const run: Machine['run'] = async (program, args) => {
    machine.ran.push([program, ...args].join(' '))
    const list = roots.get(args[0] === '-user' ? 'user' : 'all')!
    const [verb, , what = ''] = args.filter((word) => word !== '-user')
    if (verb === '-addstore' && !deaf) list.push(what)
    if (verb === '-delstore' && !deaf)
      list.splice(0, list.length, ...list.filter((one) => !one.includes(what.toLowerCase())))
    return { exitCode: 0, stdout: list.join('\n'), stderr: '' }
  }
  return { machine: Object.assign(machine, { run }), roots }
}

/** As certutil lists it. */
const listed = (ca: Ca) =>
  `================ Certificate 0 ================\nIssuer: CN=${ca.name}, O=Portico local CA\nCert Hash(sha1): ${ca.sha1.replaceAll(':', '').toLowerCase()}`

/** certutil was given a file; the store has the certificate in it. */
async function trusting(ca: Ca, options = {}) {
  const { machine, roots } = await windows(options)
  const { run } = machine
  machine.run = (program, args, more) =>
    run(
      program,
      args.map((word) => (word === ca.file ? listed(ca) : word)),
      more,
    )
  return { machine, roots, keeper: new TrustKeeper(machine, async () => 'already') }
}

test('install, status and uninstall', async () => {
  const ca = await makeCa()
  const { keeper, machine } = await trusting(ca)
  const states = async () => (await keeper.status(ca)).map(({ id, state }) => `${id} ${state}`)
  expect(await states()).toEqual(['windows-user untrusted', 'windows-machine untrusted'])
  const plan = await keeper.plan('install', ca)
  expect(plan).toMatchObject({ elevated: false, stores: [{ id: 'windows-user' }] })
  expect(machine.ran.filter((line) => line.includes('-addstore'))).toEqual([])
  expect(await keeper.apply('install', ca, plan.id)).toMatchObject({
    ok: true,
    stores: [{ id: 'windows-user', outcome: { state: 'done' }, status: { state: 'trusted' } }],
  })
  expect(await states()).toEqual(['windows-user trusted', 'windows-machine untrusted'])
  expect((await keeper.plan('install', ca)).stores).toEqual([])
  const removal = await keeper.plan('uninstall', ca)
  expect(await keeper.apply('uninstall', ca, removal.id)).toMatchObject({ ok: true })
  expect(await states()).toEqual(['windows-user untrusted', 'windows-machine untrusted'])
})

test('an optional store is changed when it is named, and cleared without being named', async () => {
  const ca = await makeCa()
  const { keeper, roots } = await trusting(ca)
  const plan = await keeper.plan('install', ca, ['windows-machine'])
  expect(plan.elevated).toBe(true)
  await keeper.apply('install', ca, plan.id, ['windows-machine'])
  expect(roots.get('all')).toHaveLength(1)
  expect((await keeper.plan('uninstall', ca)).stores.map(({ id }) => id)).toEqual(['windows-machine'])
})

test('a store that does not do what its tool says it did is told', async () => {
  const ca = await makeCa()
  const { keeper } = await trusting(ca, { deaf: true })
  const { id } = await keeper.plan('install', ca)
  expect(await keeper.apply('install', ca, id)).toMatchObject({
    ok: false,
    stores: [{ outcome: { state: 'failed', message: expect.stringContaining('does not trust the CA all the same') } }],
  })
})

test('a refused approval is told as such, and nothing is done', async () => {
  const ca = await makeCa()
  const { machine, roots } = await trusting(ca)
  const keeper = new TrustKeeper(machine, async () => null)
  const selection = ['windows-machine', 'windows-user']
  const { id } = await keeper.plan('install', ca, selection)
  const outcome = await keeper.apply('install', ca, id, selection)
  expect(outcome.ok).toBe(false)
  expect(outcome.stores.map(({ outcome: { state } }) => state)).toEqual(['cancelled', 'cancelled'])
  expect([...roots.values()]).toEqual([[], []])
})

test('what is applied is what was seen', async () => {
  const ca = await makeCa()
  const { keeper, roots } = await trusting(ca)
  const { id } = await keeper.plan('install', ca)
  roots.get('user')?.push(listed(ca))
  await expect(keeper.apply('install', ca, id)).rejects.toMatchObject({ code: 'conflict' })
  await expect(keeper.apply('install', await makeCa(), id)).rejects.toBeInstanceOf(Fault)
  expect(roots.get('user')).toHaveLength(1)
})

test('another CA of Portico’s is told, left alone by install and uninstall, and taken out by clean', async () => {
  const [ca, old] = [await makeCa(), await makeCa()]
  const { keeper, roots } = await trusting(ca)
  roots.get('user')?.push(listed(old))
  expect((await keeper.status(ca))[0]).toMatchObject({ state: 'stale', detail: expect.stringContaining(old.name) })
  expect((await keeper.plan('uninstall', ca)).stores).toEqual([])
  const install = await keeper.plan('install', ca)
  await keeper.apply('install', ca, install.id)
  expect((await keeper.status(ca))[0]).toMatchObject({ state: 'trusted', detail: expect.stringContaining(old.name) })
  const clean = await keeper.plan('clean', ca)
  expect(await keeper.apply('clean', ca, clean.id)).toMatchObject({ ok: true })
  expect(roots.get('user')).toEqual([listed(ca)])
})

test('a store that is not here is refused with those that are', async () => {
  const ca = await makeCa()
  const { keeper } = await trusting(ca)
  await expect(keeper.plan('install', ca, ['debian'])).rejects.toMatchObject({
    code: 'not-found',
    hint: 'Those of this machine: windows-user, windows-machine.',
  })
})

test('a family selects all of its stores', async () => {
  const database = '/data/one/cert9.db'
  const ini = '[Profile0]\nName=one\nIsRelative=0\nPath=/data/one\n'
  const machine = await fakeMachine({ files: { '/home/ann/.mozilla/firefox/profiles.ini': ini, [database]: '' } })
  const keeper = new TrustKeeper(machine, async () => null)
  const ca = await makeCa()
  expect((await keeper.status(ca)).map(({ id, state }) => [id, state])).toEqual([
    ['system', 'absent'],
    ['nss:firefox:one', 'unknown'],
  ])
  const { stores } = await keeper.plan('install', ca, ['nss'])
  expect(stores).toMatchObject([{ id: 'nss:firefox:one', plan: { steps: [{ kind: 'note' }], elevated: false } }])
})
