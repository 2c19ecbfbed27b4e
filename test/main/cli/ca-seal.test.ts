import { X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openAuthority } from '../../../src/main/engine/tls/authority.js'
import { sealKey } from '../../../src/main/engine/tls/sealing.js'
import { MemoryVault } from '../engine/tls/memory-vault.js'
import { Sandbox } from './portico.js'

async function sandbox(): Promise<Sandbox> {
  const made = await Sandbox.make()
  onTestFinished(() => made.close())
  return made
}

test('with a sealed key the certificate is there for every command, and nothing makes another CA', async () => {
  const portico = await sandbox()
  const directory = path.join(portico.dataDir, 'ca')
  await openAuthority(directory, Date.now())
  await sealKey(directory, new MemoryVault())
  const { fingerprint256 } = new X509Certificate(await readFile(path.join(directory, 'ca.pem')))
  const before = await readdir(directory)

  const status = await portico.run('ca', 'status', '--json')
  expect(JSON.parse(status.stdout)).toMatchObject({ fingerprint: fingerprint256, keyStorage: 'keychain' })
  expect((await portico.run('ca', 'status')).stdout).toContain('Its key is in the keychain')
  expect(await portico.run('ca', 'install', '--dry-run', '--json')).toMatchObject({ code: 0 })
  expect(await portico.run('ca', 'uninstall', '--dry-run', '--json')).toMatchObject({ code: 0 })
  expect((await portico.run('env')).stdout).toContain('NODE_EXTRA_CA_CERTS')
  const rotated = await portico.run('ca', 'rotate', '--yes')
  expect(rotated).toMatchObject({ code: 1, stderr: expect.stringContaining('Start the desktop app and do it there.') })
  const sealed = await portico.run('ca', 'unseal')
  expect(sealed).toMatchObject({ code: 1, stderr: expect.stringContaining('Start the desktop app') })
  expect((await readdir(directory)).filter((name) => name !== 'bundle.pem')).toEqual(before)
}, 60_000)

test('a gateway without the desktop app serves a sealed CA and refuses to move its key', {
  timeout: 60_000,
}, async () => {
  const portico = await sandbox()
  const directory = path.join(portico.dataDir, 'ca')
  await openAuthority(directory, Date.now())
  await sealKey(directory, new MemoryVault())
  await portico.serve()
  expect((await portico.run('status')).stdout).toContain('only the desktop app can open')
  const unsealed = await portico.run('ca', 'unseal')
  expect(unsealed).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Only the desktop app can reach the keychain.'),
  })
  expect((await readdir(directory)).sort()).toEqual(['ca.pem', 'key.sealed'])
})
