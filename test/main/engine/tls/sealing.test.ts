import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openAuthority, openAuthorityCertificate } from '../../../../src/main/engine/tls/authority.js'
import { readAuthorityCertificate } from '../../../../src/main/engine/tls/authority-certificate.js'
import { KeyLocked } from '../../../../src/main/engine/tls/authority-key.js'
import { rotateAuthority } from '../../../../src/main/engine/tls/rotation.js'
import { keyStorageIn, sealKey, unsealKey } from '../../../../src/main/engine/tls/sealing.js'
import { MemoryVault } from './memory-vault.js'
import { temporaryDirectory } from './support.js'

async function begin() {
  const root = await temporaryDirectory()
  const directory = path.join(root, 'ca')
  const authority = await openAuthority(directory, Date.now())
  const pem = await readFile(path.join(directory, 'ca.key'), 'utf8')
  return { root, directory, authority, pem, vault: new MemoryVault() }
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

test('a sealed key is in no file as it was, opens to the same key, and comes back byte for byte', async () => {
  const { directory, authority, pem, vault } = await begin()
  await sealKey(directory, vault)
  expect((await readdir(directory)).sort()).toEqual(['ca.pem', 'key.sealed'])
  expect(await modeOf(path.join(directory, 'key.sealed'))).toBe(0o600)
  expect(await keyStorageIn(directory)).toBe('keychain')
  const sealed = await openAuthority(directory, Date.now(), { vault })
  expect(sealed.fingerprint).toBe(authority.fingerprint)
  expect(sealed.key.storage).toBe('keychain')
  expect(authority.certificate.checkPrivateKey(await sealed.key.get())).toBe(true)

  await unsealKey(directory, authority.certificate, vault)
  expect((await readdir(directory)).sort()).toEqual(['ca.key', 'ca.pem'])
  expect(await modeOf(path.join(directory, 'ca.key'))).toBe(0o600)
  expect(await readFile(path.join(directory, 'ca.key'), 'utf8')).toBe(pem)
})

test('a sealed key that was opened to others is closed again', async () => {
  const { directory, vault } = await begin()
  await sealKey(directory, vault)
  await chmod(path.join(directory, 'key.sealed'), 0o644)
  await openAuthority(directory, Date.now(), { vault })
  expect(await modeOf(path.join(directory, 'key.sealed'))).toBe(0o600)
})

test('the vault is asked when the key is first needed, and once for all who need it', async () => {
  const { directory, vault } = await begin()
  await sealKey(directory, vault)
  vault.opened = 0
  const { key } = await openAuthority(directory, Date.now(), { vault })
  expect(vault.opened).toBe(0)
  await Promise.all([key.get(), key.get()])
  await key.get()
  expect(vault.opened).toBe(1)
})

test('who refuses to open the key is not asked again at once, and the reason is told', async () => {
  const { directory, vault } = await begin()
  await sealKey(directory, vault)
  vault.refusal = 'the person said no'
  vault.opened = 0
  let changes = 0
  const { key } = await openAuthority(directory, Date.now(), { vault, onChange: () => changes++ })
  for (const _ of [1, 2, 3]) await expect(key.get()).rejects.toBeInstanceOf(KeyLocked)
  expect(vault.opened).toBe(1)
  expect(key.problem).toContain('the person said no')
  expect(changes).toBe(1)
})

test('a key that the vault would rather seal anew is sealed anew', async () => {
  const { directory, vault } = await begin()
  await sealKey(directory, vault)
  const file = path.join(directory, 'key.sealed')
  const before = await readFile(file, 'utf8')
  vault.stale = true
  const { key, certificate } = await openAuthority(directory, Date.now(), { vault })
  await key.get()
  expect(await readFile(file, 'utf8')).not.toBe(before)
  const again = await openAuthority(directory, Date.now(), { vault })
  expect(certificate.checkPrivateKey(await again.key.get())).toBe(true)
})

test('without a vault a sealed CA is known by its certificate, its key is out of reach, and no new CA is made', async () => {
  const { directory, authority, vault } = await begin()
  await sealKey(directory, vault)
  const before = await contents(directory)
  expect((await openAuthorityCertificate(directory, Date.now())).fingerprint).toBe(authority.fingerprint)
  expect((await readAuthorityCertificate(directory))?.fingerprint).toBe(authority.fingerprint)
  const { key, fingerprint } = await openAuthority(directory, Date.now())
  expect(fingerprint).toBe(authority.fingerprint)
  expect(key.problem).toMatch(/only the desktop app can open.*portico ca unseal/)
  await expect(key.get()).rejects.toThrow('only the desktop app can open')
  await expect(rotateAuthority(directory, Date.now())).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('Start the desktop app'),
  })
  expect(await contents(directory)).toEqual(before)
})

test('a sealed key without its certificate is damage, not a place for a new CA', async () => {
  const { directory, vault } = await begin()
  await sealKey(directory, vault)
  await rm(path.join(directory, 'ca.pem'))
  const before = await contents(directory)
  for (const access of [{ vault }, { vault: null }])
    await expect(openAuthority(directory, Date.now(), access)).rejects.toThrow('ca.pem is missing')
  await expect(openAuthorityCertificate(directory, Date.now())).rejects.toThrow('ca.pem is missing')
  expect(await contents(directory)).toEqual(before)
})

test('the sealed key of another CA is refused', async () => {
  const { root, directory, vault } = await begin()
  const other = path.join(root, 'other')
  await openAuthority(other, Date.now())
  for (const one of [directory, other]) await sealKey(one, vault)
  await writeFile(path.join(directory, 'key.sealed'), await readFile(path.join(other, 'key.sealed')))
  const { key, certificate } = await openAuthority(directory, Date.now(), { vault })
  await expect(key.get()).rejects.toThrow('is not the key of the local CA')
  await expect(unsealKey(directory, certificate, vault)).rejects.toThrow('is not the key of the local CA')
  expect((await readdir(directory)).sort()).toEqual(['ca.pem', 'key.sealed'])
})

test.each([
  ['cannot be used', (vault: MemoryVault) => Object.assign(vault, { unavailable: 'there is no keyring' })],
  ['does not open what it sealed', (vault: MemoryVault) => Object.assign(vault, { refusal: 'there is no keyring' })],
])('a vault that %s leaves the plain key alone in its place', async (_what, break_) => {
  const { directory, pem, vault } = await begin()
  break_(vault)
  await expect(sealKey(directory, vault)).rejects.toThrow('there is no keyring')
  expect((await readdir(directory)).sort()).toEqual(['ca.key', 'ca.pem'])
  expect(await readFile(path.join(directory, 'ca.key'), 'utf8')).toBe(pem)
})

test('a rotation keeps a sealed key sealed, and a plain one plain', async () => {
  const { root, directory, authority, vault } = await begin()
  await rotateAuthority(directory, Date.now(), {}, vault)
  expect(await keyStorageIn(directory)).toBe('file')
  await sealKey(directory, vault)
  await rotateAuthority(directory, Date.now(), { add: ['a.example'] }, vault)
  expect((await readdir(directory)).sort()).toEqual(['ca.pem', 'key.sealed', 'previous'])
  const next = await openAuthority(directory, Date.now(), { vault })
  expect(next.former).toContain(authority.fingerprint)
  expect(next.certificate.checkPrivateKey(await next.key.get())).toBe(true)

  vault.unavailable = 'it is locked'
  await expect(rotateAuthority(directory, Date.now(), {}, vault)).rejects.toThrow('it is locked')
  vault.unavailable = null
  vault.refusal = 'it is locked'
  await expect(rotateAuthority(directory, Date.now(), {}, vault)).rejects.toThrow('it is locked')
  vault.refusal = null
  expect((await openAuthority(directory, Date.now(), { vault })).fingerprint).toBe(next.fingerprint)
  expect(await readdir(root)).toEqual(['ca'])
})

async function contents(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory)
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(directory, name), 'utf8')])),
  )
}
