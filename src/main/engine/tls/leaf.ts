import { createPrivateKey, X509Certificate } from 'node:crypto'
import { normaliseHostname } from '../../../shared/hostname.js'
import type { Issuer, KeyPair } from './issue.js'
import { renewalState, type Validity } from './renewal.js'

/** A leaf that may be served, or why it may not. */
export type LeafCheck = { ok: true; certificate: X509Certificate } | { ok: false; reason: string }

/**
 * Decides whether a leaf from disk may be served at `now`: readable, its key matching, signed by this very authority,
 * for exactly these names, and not expired.
 *
 * @param names null: whatever it is for
 */
export function checkLeaf(
  pair: KeyPair,
  issuer: Pick<Issuer, 'certificate'>,
  names: readonly string[] | null,
  now: number,
): LeafCheck {
  const certificate = parseCertificate(pair.cert)
  if (certificate === null) return { ok: false, reason: 'its certificate is unreadable' }
  if (!keyBelongs(certificate, pair.key)) return { ok: false, reason: 'its key is unreadable or another one' }
  if (!certificate.checkIssued(issuer.certificate) || !certificate.verify(issuer.certificate.publicKey)) {
    return { ok: false, reason: 'another authority signed it' }
  }
  if (names !== null && !sameNames(subjectNames(certificate), names))
    return { ok: false, reason: 'it is for other names' }
  if (renewalState(validityOf(certificate), now) === 'unusable') return { ok: false, reason: 'it has expired' }
  return { ok: true, certificate }
}

/** The first certificate of a PEM text, or null when there is none. */
export function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

/** True when `key` (PEM, unencrypted) is the private key of `certificate`. */
export function keyBelongs(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

export function validityOf(certificate: X509Certificate): Validity {
  return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) }
}

/** The DNS names and addresses of a certificate, in the notation of the config. */
export function subjectNames(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '').split(', ').flatMap((entry) => {
    const match = /^(DNS|IP Address):(.+)$/.exec(entry)
    if (match === null) return []
    return [match[1] === 'DNS' ? match[2]! : (normaliseHostname(match[2]!) ?? match[2]!)]
  })
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length
}
