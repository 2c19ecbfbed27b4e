import { readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import { KeyLocked } from './authority-key.js'
import { keepPrevious } from './former-authorities.js'
import { errorCode, syncDirectory } from './key-files.js'
import type { KeyVault } from './key-vault.js'
import { parseCertificate } from './leaf.js'
import { nameConstraintsOf } from './name-constraints.js'
import { CERT, KEY, writeNewAuthority, writePlainKey } from './new-authority.js'
import { addedNames, changedNames } from './permitted-names.js'
import { keyStorageIn, requireVault, writeSealedKey } from './sealing.js'

/** What the next authority may vouch for, as compared with the one that it follows. */
export interface RotationChange {
  /** domains and addresses, as a person writes them */
  add?: readonly string[] | undefined
  remove?: readonly string[] | undefined
}

/**
 * Replaces the authority in `directory` by a new one, whose key is kept as that of the old one was. The key of the old one is destroyed, its certificate kept in
 * `previous/`. The new one is complete beside the old before anything is touched, and takes its place by renames that
 * `finishRotation` can finish: a crash leaves the old authority or the new one.
 *
 * @param now milliseconds since the epoch
 * @param vault where the key of the old one may be, and that of the new one is kept then; null where there is none
 * @throws Fault `usage` for a domain that is none, `not-found` when there is no authority, `certificate-invalid` when
 * the new one cannot be written, `conflict` or `not-supported` when its key cannot be kept as that of the old one was; the
 * old one is as it was then
 */
export async function rotateAuthority(
  directory: string,
  now: number,
  change: RotationChange = {},
  vault: KeyVault | null = null,
): Promise<void> {
  await finishRotation(directory)
  const pem = await certificateIn(directory)
  const writeKey = await keyWriter(directory, vault)
  const added = changedNames(addedNames(nameConstraintsOf(pem)), change)
  const { next } = placesOf(directory)
  const making = `${next}.tmp`
  try {
    await rm(making, { recursive: true, force: true })
    await rm(next, { recursive: true, force: true })
    await writeNewAuthority(making, now, added, writeKey)
    await keepPrevious(directory, pem, making)
    await rename(making, next)
    await syncDirectory(path.dirname(directory))
    await swap(directory)
  } catch (error) {
    await Promise.all([making, next].map((left) => rm(left, { recursive: true, force: true })))
    if (error instanceof Fault) throw error
    throw new Fault(
      'certificate-invalid',
      `The local CA could not be replaced: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${path.dirname(directory)} a directory with free space that this user may write to.`,
      { cause: error },
    )
  }
}

/** How the key of the next authority is written: never as a file where the one before it was sealed. */
async function keyWriter(directory: string, vault: KeyVault | null) {
  if ((await keyStorageIn(directory)) === 'file') return writePlainKey
  if (vault === null) {
    throw new KeyLocked(
      'The key of the local CA is in the keychain, and so is that of the next one, which only the desktop app can put there.',
      `Start the desktop app and do it there. If it is gone for good, move ${directory} away: the next start makes a new CA.`,
    )
  }
  await requireVault(vault)
  return (making: string, pem: string) => writeSealedKey(making, pem, vault)
}

/** Brings to its end what a crash has interrupted; does nothing otherwise. Rejects with the file system's error. */
export async function finishRotation(directory: string): Promise<void> {
  const { next, old } = placesOf(directory)
  if (await isThere(path.join(directory, CERT))) {
    await rm(old, { recursive: true, force: true })
    return
  }
  if (!(await isThere(path.join(next, CERT))) || (await isThere(directory))) return
  await renameUnlessGone(next, directory)
  await rm(old, { recursive: true, force: true })
  await syncDirectory(path.dirname(directory))
}

async function swap(directory: string): Promise<void> {
  const { next, old } = placesOf(directory)
  await rm(old, { recursive: true, force: true })
  await rename(directory, old)
  try {
    await renameUnlessGone(next, directory)
  } catch (error) {
    await rename(old, directory)
    throw error
  }
  await syncDirectory(path.dirname(directory))
  await rm(path.join(old, KEY), { force: true })
  await rm(old, { recursive: true, force: true })
}

/** Names that nobody would give to a copy of their own: what lies there is deleted. */
function placesOf(directory: string): { next: string; old: string } {
  const place = path.join(path.dirname(directory), `.${path.basename(directory)}-rotation`)
  return { next: `${place}-next`, old: `${place}-old` }
}

/** Another process may have finished the rotation in the same moment. */
async function renameUnlessGone(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || !(await isThere(path.join(to, CERT)))) throw error
  }
}

async function certificateIn(directory: string): Promise<string> {
  const file = path.join(directory, CERT)
  const pem = await readFile(file, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') throw new Fault('not-found', `There is no local CA in ${directory} to replace.`)
    throw error
  })
  if (parseCertificate(pem) !== null) return pem
  throw new Fault('certificate-invalid', `${file} is not a certificate.`, 'Move that directory away, and start again.')
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false
    throw error
  }
}
