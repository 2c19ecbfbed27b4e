import { randomBytes } from 'node:crypto'
import { chmod, readdir, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import {
  type AuthorityCertificate,
  damaged,
  readAuthorityCertificate,
  readPart,
  requireValidNow,
} from './authority-certificate.js'
import { type AuthorityKey, parseKey, plainKey, SealedKey } from './authority-key.js'
import { eraseFile, errorCode, syncDirectory } from './key-files.js'
import type { KeyVault } from './key-vault.js'
import { CERT, KEY, writeNewAuthority } from './new-authority.js'
import { finishRotation } from './rotation.js'
import { hasSealed, SEALED } from './sealed-file.js'

/** The local certificate authority: what signs every leaf, and what people trust once per machine. */
export interface Authority extends AuthorityCertificate {
  key: AuthorityKey
}

/** How a key that is sealed may be opened. */
export interface KeyAccess {
  /** null where there is none */
  vault: KeyVault | null
  /** called when a sealed key turns out to be out of reach, or no longer is */
  onChange?: () => void
}

/**
 * Loads the authority in `directory` (`ca.pem`, and `ca.key` or `key.sealed`), or makes one there when there is none. An
 * authority that is damaged, incomplete or expired is a Fault (`certificate-invalid`) and stays as it is: people may have
 * trusted it, and only they can know whether it may go. A sealed key is opened when it is first needed.
 *
 * @param now milliseconds since the epoch
 */
export async function openAuthority(
  directory: string,
  now: number,
  access: KeyAccess = { vault: null },
): Promise<Authority> {
  await finishRotation(directory)
  const existing = await load(directory, now, access)
  if (existing !== null) return existing
  await create(directory, now)
  const made = await load(directory, now, access)
  if (made === null) throw new Fault('certificate-invalid', `The new local CA in ${directory} has vanished.`)
  return made
}

/** As `openAuthority`, for whoever needs no key: it is made when there is none, and left alone when there is one. */
export async function openAuthorityCertificate(directory: string, now: number): Promise<AuthorityCertificate> {
  await finishRotation(directory)
  const existing = await readAuthorityCertificate(directory)
  if (existing === null) return openAuthority(directory, now)
  requireValidNow(directory, existing.certificate, now)
  return existing
}

async function load(directory: string, now: number, access: KeyAccess): Promise<Authority | null> {
  const [known, pem, sealed] = await Promise.all([
    readAuthorityCertificate(directory),
    readPart(directory, KEY),
    hasSealed(directory),
  ])
  if (known === null && pem === null && !sealed) return null
  if (known === null || (pem === null && !sealed)) throw damaged(directory, `${known === null ? CERT : KEY} is missing`)
  const { certificate } = known
  const key = pem === null ? null : parseKey(pem)
  if (key === null && !sealed) throw damaged(directory, `${KEY} is not an unencrypted private key`)
  if (key !== null && !certificate.checkPrivateKey(key)) throw damaged(directory, `${KEY} is not the key of ${CERT}`)
  if (certificate.publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw damaged(directory, 'its key is not an EC P-256 key')
  requireValidNow(directory, certificate, now)
  await close(directory, [...(pem === null ? [] : [KEY]), ...(sealed ? [SEALED] : [])])
  if (key !== null) return { ...known, key: plainKey(key) }
  await eraseRemains(directory)
  return { ...known, key: new SealedKey({ directory, certificate, ...access }) }
}

/** What a crash has left of a plain key that was being destroyed, or written. */
async function eraseRemains(directory: string): Promise<void> {
  const remains = (await readdir(directory)).filter((name) => name === KEY || /^ca\.key\.[0-9a-f]+\.tmp$/.test(name))
  for (const name of remains) await eraseFile(path.join(directory, name))
}

/** Permissions may have been lost in a copy or a restore. */
async function close(directory: string, keys: readonly string[]): Promise<void> {
  try {
    await chmod(directory, 0o700)
    for (const name of keys) await chmod(path.join(directory, name), 0o600)
  } catch (error) {
    throw new Fault(
      'certificate-invalid',
      `The key of the local CA cannot be protected: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${directory} belong to the user who runs Portico.`,
      { cause: error },
    )
  }
}

/** Both files appear at once, by the rename of their directory: no crash leaves an authority without its key. */
async function create(directory: string, now: number): Promise<void> {
  const temporary = `${directory}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeNewAuthority(temporary, now, [])
    await removeEmpty(directory)
    await rename(temporary, directory)
    await syncDirectory(path.dirname(directory))
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error))) return refuseForeign(directory)
    throw new Fault(
      'certificate-invalid',
      `The local CA could not be made: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${path.dirname(directory)} a directory with free space that this user may write to.`,
      { cause: error },
    )
  }
}

/** Windows cannot rename over a directory, not even over an empty one. */
async function removeEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

/** Another process made the authority in the same moment, which is fine, or something else lies there, which is not. */
async function refuseForeign(directory: string): Promise<void> {
  const files = await readdir(directory)
  if (files.includes(CERT) && (files.includes(KEY) || files.includes(SEALED))) return
  throw new Fault(
    'certificate-invalid',
    `The directory ${directory} holds other files but no local CA.`,
    'Move it away, and start again.',
  )
}
