import type { X509Certificate } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import type { KeyStorage } from '../../../shared/trust-schemas.js'
import { readPart } from './authority-certificate.js'
import { openSealed, parseKey } from './authority-key.js'
import { eraseFile } from './key-files.js'
import type { KeyVault } from './key-vault.js'
import { KEY, writePlainKey } from './new-authority.js'
import { hasSealed, readSealed, SEALED, writeSealed } from './sealed-file.js'

/** Where the key of the authority in `directory` is kept. Rejects with a Fault when that cannot be seen. */
export async function keyStorageIn(directory: string): Promise<KeyStorage> {
  const pem = await readPart(directory, KEY)
  if (pem !== null && parseKey(pem) !== null) return 'file'
  return (await hasSealed(directory)) ? 'keychain' : 'file'
}

/**
 * Has the keychain wrap the key of the authority in `directory`, and destroys the plain one once the wrapped one has been
 * read back and opened: after a crash there is the one or the other, or both.
 *
 * @throws Fault when the vault cannot be used or the disk not be written; the plain key is as it was then
 */
export async function sealKey(directory: string, vault: KeyVault): Promise<void> {
  const pem = await readPart(directory, KEY)
  if (pem === null || parseKey(pem) === null) throw new Fault('not-found', `There is no key in ${directory} to seal.`)
  await requireVault(vault)
  await changing('sealed', async () => {
    try {
      await writeSealedKey(directory, pem, vault)
    } catch (error) {
      await rm(path.join(directory, SEALED), { force: true })
      throw error
    }
    await eraseFile(path.join(directory, KEY))
  })
}

/**
 * Puts the key of the authority in `directory` back into a file, and removes the wrapped one.
 * @throws KeyLocked when the vault does not give it back, Fault when the disk cannot be written; nothing is lost then
 */
export async function unsealKey(directory: string, certificate: X509Certificate, vault: KeyVault): Promise<void> {
  const { pem } = await openSealed(directory, certificate, vault)
  await changing('put back into a file', async () => {
    await writePlainKey(directory, pem)
    if ((await readFile(path.join(directory, KEY), 'utf8')) !== pem) throw new Error('what was written reads otherwise')
    await eraseFile(path.join(directory, SEALED))
  })
}

/** Removes a wrapped key beside the plain one, which a crash has left. Rejects with the file system's error. */
export async function dropSealed(directory: string): Promise<void> {
  await eraseFile(path.join(directory, SEALED))
}

/** Writes the wrapped key alone, and proves that it opens: the plain one never touches the disk. */
export async function writeSealedKey(directory: string, pem: string, vault: KeyVault): Promise<void> {
  await writeSealed(directory, await vault.seal(Buffer.from(pem)))
  const { bytes } = await vault.open(await readSealed(directory))
  if (bytes.toString('utf8') !== pem)
    throw new Fault('conflict', 'The keychain gives back another key than it was given.')
}

/** @throws Fault `not-supported` when the vault cannot be used now, with its reason */
export async function requireVault(vault: KeyVault): Promise<void> {
  const state = await vault.state()
  if (state.available) return
  throw new Fault('not-supported', `The CA's key cannot be kept in ${state.name}: ${state.reason}.`)
}

async function changing(what: string, change: () => Promise<void>): Promise<void> {
  try {
    await change()
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault(
      'certificate-invalid',
      `The key of the local CA could not be ${what}: ${error instanceof Error ? error.message : String(error)}.`,
      'See that its directory is on a disk with free space and belongs to you, and try again.',
      { cause: error },
    )
  }
}
