import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Fault } from '../../src/shared/fault.js'
import { freePort } from '../support/free-port.js'
import { playAgent } from '../support/relay.js'
import { type Sharing, startSharing } from '../support/sharing.js'
import { until } from '../support/wait.js'

let sharing: Sharing

beforeAll(async () => {
  sharing = await startSharing()
})

afterEach(() => sharing.clear())

afterAll(() => sharing.close())

async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(Fault)
  expect(JSON.stringify([thrown, (thrown as Fault).message])).not.toContain(sharing.token.token)
  return thrown as Fault
}

test('what cannot be shared is refused with what to do about it', async () => {
  const { gateway, start, open } = sharing
  expect(await faultOf(start({ app: 'nobody' }))).toMatchObject({
    code: 'not-found',
    message: 'There is no app "nobody".',
  })
  const elsewhere = { kind: 'relay', url: 'wss://elsewhere.example' }
  expect(await faultOf(start({ via: elsewhere }))).toMatchObject({
    code: 'not-found',
    message: 'There is no saved relay wss://elsewhere.example.',
  })
  expect(await faultOf(start({ name: 'No_Name' }))).toMatchObject({ code: 'usage' })
  expect(await faultOf(start({ via: { kind: 'tool', tool: 'ngrok' } }))).toMatchObject({
    code: 'not-found',
    message: 'ngrok is not installed.',
  })
  expect(await faultOf(start({ via: { kind: 'tool', tool: 'ngrok' }, name: 'x' }))).toMatchObject({ code: 'usage' })
  const first = await open()
  expect(await faultOf(start())).toMatchObject({
    code: 'conflict',
    message: `"shop" is shared by ${sharing.relay.url} already, at ${first.url}.`,
    hint: `Stop that one first: portico shares stop ${first.id}`,
  })
  await gateway.engine.call('app.add', { app: { name: 'other', port: 1 } })
  expect((await faultOf(start({ app: 'other', name: 'shop' }))).message).toContain(
    '"shop" is the name of "shop", shared',
  )
  await gateway.engine.call('app.setEnabled', { name: 'other', enabled: false })
  expect(await faultOf(start({ app: 'other' }))).toMatchObject({ code: 'app-disabled' })
  await gateway.engine.call('gateway.pause', {})
  expect(await faultOf(start({ app: 'shop', name: 'x' }))).toMatchObject({ code: 'not-running' })
  await gateway.engine.call('gateway.resume', {})
  expect(await faultOf(gateway.engine.call('share.stop', { id: 'none' }))).toMatchObject({ code: 'not-found' })
})

test('two that are begun in the same moment are one, and one refusal', async () => {
  const { start } = sharing
  const login = { user: 'guest', password: 'sesame' } // whose hash takes a while
  const outcomes = await Promise.allSettled([start({ login }), start({ login })])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

test('a name that another agent has at the relay ends the share with what to do', async () => {
  const { relay, start, settled } = sharing
  const other = await relay.token({ client_id: 'desktop' })
  const lookup = (_: string, __: object, done: (error: null, all: { address: string; family: number }[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4 }])
  const socket = { ca: relay.ca, lookup }
  const agent = await playAgent(`${relay.url}/agent`, other.token, { agent: 'desktop', socket })
  agent.link.control({ type: 'publish', name: 'shop', lifetimeMs: null, login: null })
  await until(async () => (await relay.published()).includes('shop'), 'the name is taken')
  const { id } = await start()
  const { reason } = await settled(id, ({ state }) => state === 'ended', 'it has ended')
  expect(reason).toEqual({
    message: 'The relay does not publish "shop": The name is taken.',
    hint: 'Try another name (--name NAME).',
  })
})

test('a relay is saved when it lets this machine in, and otherwise not, with what to do', async () => {
  const { gateway, relay, token } = sharing
  const save = (change: object) =>
    gateway.engine.call('share.relay.save', { url: relay.url, token: token.token, ca: relay.ca, ...change })
  const before = await gateway.engine.call('share.ways', {})
  expect(before[0]).toEqual({ kind: 'relay', url: relay.url, customCa: true })
  expect(before.slice(1).map((way) => way.kind === 'tool' && way.tool)).toEqual(['cloudflared', 'ngrok', 'tailscale'])
  const refused = await Promise.all(
    [
      { url: 'ws://relay.example' },
      { url: 'https://relay.example' },
      { token: 'two words' },
      { ca: 'no certificate' },
      { ca: `${relay.ca}\n-----BEGIN PRIVATE KEY-----\n` },
      { ca: undefined },
      { token: 'ptk_wrong' },
      { url: `wss://relay.localhost:${await freePort()}` },
    ].map((change) => faultOf(save(change))),
  )
  expect(refused.map(({ code }) => code)).toEqual([
    'usage',
    'usage',
    'usage',
    'certificate-invalid',
    'certificate-invalid',
    'certificate-invalid',
    'unauthorized',
    'dial-failed',
  ])
  for (const { message, hint } of refused) expect(`${message} ${hint}`).not.toMatch(/ptk_wrong|two words|undefined/)
  expect(refused[5]?.hint).toContain('gateway/ca/ca.pem')
  expect(await gateway.engine.call('share.ways', {})).toEqual(before)
})

test('relays are kept in a file of its owner alone; a damaged one is told, left as it is and read again once repaired', async () => {
  const { gateway, relay, token } = sharing
  const { engine } = gateway
  const file = path.join(gateway.dataDir, 'relays.json')
  await chmod(file, 0o644)
  await engine.call('share.relay.save', { url: relay.url, token: token.token, ca: relay.ca })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const good = await readFile(file, 'utf8')
  expect(good).toContain(token.token)
  await writeFile(file, `${good} and more`)
  const calls = [
    engine.call('share.ways', {}),
    sharing.start(),
    engine.call('share.relay.forget', { url: relay.url }),
    engine.call('share.relay.save', { url: relay.url, token: token.token, ca: relay.ca }),
  ]
  for (const fault of await Promise.all(calls.map(faultOf))) {
    expect(fault).toMatchObject({
      code: 'config-unreadable',
      message: `${file} can not be read: it is not what Portico has written.`,
    })
  }
  expect(await readFile(file, 'utf8')).toBe(`${good} and more`)
  await writeFile(file, good)
  expect((await engine.call('share.ways', {}))[0]).toMatchObject({ url: relay.url })
  expect((await engine.call('share.relay.forget', { url: relay.url })).some(({ kind }) => kind === 'relay')).toBe(false)
  expect((await faultOf(engine.call('share.relay.forget', { url: relay.url }))).code).toBe('not-found')
  await engine.call('share.relay.save', { url: relay.url, token: token.token, ca: relay.ca })
})

test('the last twenty that have ended are kept to tell why, the newest first', async () => {
  const { gateway, start } = sharing
  const ids: string[] = []
  for (let i = 0; i < 22; i++) {
    const { id } = await start({ name: `n${i}` })
    ids.unshift(id)
    await gateway.engine.call('share.stop', { id })
  }
  const list = await gateway.engine.call('share.list', {})
  expect(list.map(({ id }) => id)).toEqual(ids.slice(0, 20))
  expect(list[0]).toMatchObject({ state: 'ended', reason: { message: 'It was stopped.' } })
})
