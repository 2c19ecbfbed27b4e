import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  matchesScrypt,
  parseScrypt,
  type ScryptHash,
} from '../../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import { basicAuthSchema } from '../../../src/shared/policies/auth-schemas.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'

let gateway: TestGateway

beforeEach(async () => {
  gateway = await startGateway({ apps: [{ name: 'one', port: 3001 }] })
})

afterEach(() => gateway.stop())

const fileApps = async () => JSON.parse(await readFile(gateway.configFile, 'utf8')).apps

test('app.add answers with the app’s status and saves it', async () => {
  const status = await gateway.engine.call('app.add', { app: { name: 'two', port: 3002, hosts: ['two.test'] } })
  expect(status).toMatchObject({ name: 'two', hosts: ['two.test'], target: 'port 3002' })
  expect(await fileApps()).toEqual([
    { name: 'one', port: 3001 },
    { name: 'two', port: 3002, hosts: ['two.test'] },
  ])
})

test.each([
  ['a taken name', { name: 'one', port: 3002 }],
  ['a taken host', { name: 'two', port: 3002, hosts: ['one.localhost'] }],
])('app.add refuses %s and changes nothing', async (_name, app) => {
  await expect(gateway.engine.call('app.add', { app })).rejects.toMatchObject({ name: 'Fault' })
  expect(await fileApps()).toHaveLength(1)
  expect(await gateway.engine.call('app.list', {})).toHaveLength(1)
})

test.each(['app.remove', 'app.setEnabled'] as const)(
  '%s of an unknown app says how to see the known ones',
  async (command) => {
    const params = command === 'app.remove' ? { name: 'nobody' } : { name: 'nobody', enabled: true }
    await expect(gateway.engine.call(command, params as never)).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('portico app list'),
    })
  },
)

test('app.remove answers with what was removed', async () => {
  expect(await gateway.engine.call('app.remove', { name: 'one' })).toMatchObject({ name: 'one', target: 'port 3001' })
  expect(await gateway.engine.call('app.list', {})).toEqual([])
  await expect(gateway.engine.call('app.remove', { name: 'one' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a removal is undone by adding the app where it was', async () => {
  for (const [index, name] of ['two', 'three'].entries())
    await gateway.engine.call('app.add', { app: { name, port: 3002 + index } })
  const before = await readFile(gateway.configFile, 'utf8')
  const { app } = await gateway.engine.call('app.remove', { name: 'two' })
  await gateway.engine.call('app.add', { app, at: 1 })
  expect((await gateway.engine.call('app.list', {})).map(({ name }) => name)).toEqual(['one', 'two', 'three'])
  expect(await readFile(gateway.configFile, 'utf8')).toBe(before)
})

test('app.update changes an app in its place and can rename it', async () => {
  await gateway.engine.call('app.add', { app: { name: 'two', port: 3002 } })
  const status = await gateway.engine.call('app.update', { name: 'one', app: { name: 'uno', port: 4001 } })
  expect(status).toMatchObject({ name: 'uno', hosts: ['uno.localhost'], target: 'port 4001' })
  expect(await fileApps()).toEqual([
    { name: 'uno', port: 4001 },
    { name: 'two', port: 3002 },
  ])
})

test.each([
  ['an unknown app', 'nobody', { name: 'nobody', port: 1 }, 'not-found'],
  ['the name of another', 'one', { name: 'two', port: 1 }, 'conflict'],
  ['a host of another', 'one', { name: 'one', port: 1, hosts: ['two.localhost'] }, 'conflict'],
])('app.update refuses %s and changes nothing', async (_name, name, app, code) => {
  await gateway.engine.call('app.add', { app: { name: 'two', port: 3002 } })
  const before = await readFile(gateway.configFile, 'utf8')
  await expect(gateway.engine.call('app.update', { name, app })).rejects.toMatchObject({ code })
  expect(await readFile(gateway.configFile, 'utf8')).toBe(before)
})

test('config.get is the file as it is written, nothing filled in', async () => {
  expect(await gateway.engine.call('config.get', {})).toEqual({
    file: gateway.configFile,
    document: { version: 1, apps: [{ name: 'one', port: 3001 }] },
  })
})

test('config.get is the last good config while the file is not valid', async () => {
  await writeFile(gateway.configFile, '{')
  await gateway.engine.call('config.reload', {})
  const { document } = await gateway.engine.call('config.get', {})
  expect(document).toMatchObject({ apps: [{ name: 'one', port: 3001 }] })
})

test('app.setEnabled writes only what differs from the default', async () => {
  await gateway.engine.call('app.setEnabled', { name: 'one', enabled: false })
  expect(await fileApps()).toEqual([{ name: 'one', port: 3001, enabled: false }])
  await gateway.engine.call('app.setEnabled', { name: 'one', enabled: true })
  expect(await fileApps()).toEqual([{ name: 'one', port: 3001 }])
})

test('commands at one time all take effect', async () => {
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => gateway.engine.call('app.add', { app: { name: `n${i}`, port: 4000 + i } })),
  )
  expect(await fileApps()).toHaveLength(9)
})

test('config.reload tells the problems of an invalid file by their paths', async () => {
  await writeFile(gateway.configFile, JSON.stringify({ version: 1, apps: [{ name: 'one', port: 'x' }] }))
  expect(await gateway.engine.call('config.reload', {})).toEqual({
    ok: false,
    problems: [expect.objectContaining({ path: 'apps[0].port' })],
  })
})

test('ca.info is the certificate that leaves are signed with', async () => {
  const info = await gateway.engine.call('ca.info', {})
  const certificate = new X509Certificate(info.pem)
  expect(certificate.ca).toBe(true)
  expect(await readFile(info.file, 'utf8')).toContain(info.pem.trim())
  expect(new Date(info.notAfter).getTime()).toBe(new Date(certificate.validTo).getTime())
  expect(info.fingerprint.replaceAll(':', '').toLowerCase()).toContain(
    certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  )
})

test('password.hash answers with a hash of its own each time, which fits the config and the password', async () => {
  const hashes = await Promise.all(
    ['caf\u00e9', 'cafe\u0301'].map((password) => gateway.engine.call('password.hash', { password })),
  )
  const [one, other] = hashes.map(({ hash }) => hash)
  expect(one).not.toBe(other)
  for (const { hash } of hashes) {
    expect(basicAuthSchema.safeParse({ users: { ann: hash } }).error).toBeUndefined()
    expect(await matchesScrypt('caf\u00e9', parseScrypt(hash) as ScryptHash)).toBe(true)
    expect(await matchesScrypt('cafe', parseScrypt(hash) as ScryptHash)).toBe(false)
  }
  await expect(gateway.engine.call('password.hash', { password: '' })).rejects.toMatchObject({ name: 'Fault' })
})
