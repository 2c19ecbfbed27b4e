import { createPrivateKey, type KeyObject, randomBytes, type X509Certificate } from 'node:crypto'
import { chmod, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import type { Issuer } from './issue.js'
import { errorCode, syncDirectory } from './key-files.js'
import { parseCertificate, validityOf } from './leaf.js'
import { nameConstraintsOf } from './name-constraints.js'
import { CERT, KEY, writeNewAuthority } from './new-authority.js'
import { renewalState } from './renewal.js'
import { finishRotation, formerAuthorities } from './rotation.js'

/** The local certificate authority: what signs every leaf, and what people trust once per machine. */
export interface Authority extends Issuer {
  certFile: string
  pem: string
  /** SHA-256 of the certificate, colon-separated hex */
  fingerprint: string
  notAfter: Date
  /** what it may vouch for; null: every name */
  constraints: NameConstraints | null
  /** SHA-256 of the authorities whose place it has taken */
  former: string[]
}

/**
 * Loads the authority in `directory` (`ca.pem`, `ca.key`), or makes one there when there is none. An authority that is
 * damaged, incomplete or expired is a Fault (`certificate-invalid`) and stays as it is: people may have trusted it, and
 * only they can know whether it may go.
 * @param now milliseconds since the epoch
 */
export async function openAuthority(directory: string, now: number): Promise<Authority> {
  await finishRotation(directory)
  const existing = await load(directory, now)
  if (existing !== null) return existing
  await create(directory, now)
  const made = await load(directory, now)
  if (made === null) throw new Fault('certificate-invalid', `The new local CA in ${directory} has vanished.`)
  return made
}

async function load(directory: string, now: number): Promise<Authority | null> {
  const [pem, key] = await Promise.all([readPart(directory, CERT), readPart(directory, KEY)])
  if (pem === null && key === null) return null
  if (pem === null || key === null) throw damaged(directory, `${pem === null ? CERT : KEY} is missing`)
  const certificate = parseCertificate(pem)
  if (certificate === null) throw damaged(directory, `${CERT} is not a certificate`)
  const privateKey = parseKey(key)
  if (privateKey === null) throw damaged(directory, `${KEY} is not an unencrypted private key`)
  const flaw = flawOf(certificate, privateKey, now)
  if (flaw !== null) throw damaged(directory, flaw)
  await close(directory)
  return {
    certificate,
    key: privateKey,
    certFile: path.join(directory, CERT),
    pem,
    fingerprint: certificate.fingerprint256,
    notAfter: new Date(validityOf(certificate).notAfter),
    constraints: nameConstraintsOf(pem),
    former: await formerAuthorities(directory).catch(() => []), // of use for stores alone, which can be looked at by name
  }
}

/** What keeps this pair from being our authority; null when nothing does. */
function flawOf(certificate: X509Certificate, key: KeyObject, now: number): string | null {
  if (!certificate.checkPrivateKey(key)) return `${KEY} is not the key of ${CERT}`
  if (!certificate.ca) return `${CERT} is not the certificate of an authority`
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'its key is not an EC P-256 key'
  if (!certificate.verify(certificate.publicKey)) return `${CERT} is not signed by its own key`
  const validity = validityOf(certificate)
  if (renewalState(validity, now) !== 'unusable') return null
  return now > validity.notAfter ? EXPIRED + certificate.validTo : `it is valid only from ${certificate.validFrom}`
}

async function readPart(directory: string, name: string): Promise<string | null> {
  const file = path.join(directory, name)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new Fault(
      'certificate-invalid',
      `The local CA cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${file} a file that this user may read, and start again.`,
      { cause: error },
    )
  }
}

function parseKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

const EXPIRED = 'it expired on '

function damaged(directory: string, flaw: string): Fault {
  return new Fault(
    'certificate-invalid',
    `The local CA in ${directory} cannot be used: ${flaw}.`,
    flaw.startsWith(EXPIRED)
      ? 'Have a new CA, which must be trusted anew, with: portico ca rotate'
      : 'Restore its files from a backup, or move that directory away so that a new CA is made at the next start ' +
          '(which must then be trusted anew).',
  )
}

/** Permissions may have been lost in a copy or a restore. */
async function close(directory: string): Promise<void> {
  try {
    await chmod(directory, 0o700)
    await chmod(path.join(directory, KEY), 0o600)
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
  if (files.includes(CERT) && files.includes(KEY)) return
  throw new Fault(
    'certificate-invalid',
    `The directory ${directory} holds other files but no local CA.`,
    'Move it away, and start again.',
  )
}
