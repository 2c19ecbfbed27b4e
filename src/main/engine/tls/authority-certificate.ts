import type { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import { formerAuthorities } from './former-authorities.js'
import { errorCode } from './key-files.js'
import { parseCertificate, validityOf } from './leaf.js'
import { nameConstraintsOf } from './name-constraints.js'
import { CERT } from './new-authority.js'
import { renewalState } from './renewal.js'

/** The public side of the local CA: all that stores, clients and people have to know of it. */
export interface AuthorityCertificate {
  certificate: X509Certificate
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
 * Reads the certificate of the authority in `directory`, whether or not its key can be had; null when there is none.
 * @throws Fault `certificate-invalid` when it is not the certificate of an authority
 */
export async function readAuthorityCertificate(directory: string): Promise<AuthorityCertificate | null> {
  const pem = await readPart(directory, CERT)
  if (pem === null) return null
  const certificate = parseCertificate(pem)
  if (certificate === null) throw damaged(directory, `${CERT} is not a certificate`)
  if (!certificate.ca) throw damaged(directory, `${CERT} is not the certificate of an authority`)
  if (!certificate.verify(certificate.publicKey)) throw damaged(directory, `${CERT} is not signed by its own key`)
  return {
    certificate,
    certFile: path.join(directory, CERT),
    pem,
    fingerprint: certificate.fingerprint256,
    notAfter: new Date(validityOf(certificate).notAfter),
    constraints: nameConstraintsOf(pem),
    former: await formerAuthorities(directory).catch(() => []), // of use for stores alone, which can be looked at by name
  }
}

/** @param now milliseconds since the epoch @throws Fault `certificate-invalid` for one that is not valid now */
export function requireValidNow(directory: string, certificate: X509Certificate, now: number): void {
  const validity = validityOf(certificate)
  if (renewalState(validity, now) !== 'unusable') return
  throw damaged(
    directory,
    now > validity.notAfter ? EXPIRED + certificate.validTo : `it is valid only from ${certificate.validFrom}`,
  )
}

/** A file of the authority; null when it is not there. */
export async function readPart(directory: string, name: string): Promise<string | null> {
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

const EXPIRED = 'it expired on '

export function damaged(directory: string, flaw: string): Fault {
  return new Fault(
    'certificate-invalid',
    `The local CA in ${directory} cannot be used: ${flaw}.`,
    flaw.startsWith(EXPIRED)
      ? 'Have a new CA, which must be trusted anew, with: portico ca rotate'
      : 'Restore its files from a backup, or move that directory away so that a new CA is made at the next start ' +
          '(which must then be trusted anew).',
  )
}
