import type { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext } from 'node:tls'
import { SECURE_OPTIONS } from './cipher-suites.js'
import type { KeyPair } from './issue.js'
import { parseCertificate, validityOf } from './leaf.js'
import type { Validity } from './renewal.js'

/** What is known of a certificate that is being served. */
export interface CertificateInfo {
  /** the host or wildcard it is for; `+default` for clients without SNI; the path of a user's own certificate */
  leafName: string
  source: 'local' | 'file'
  /** the issuer's distinguished name, one attribute per line */
  issuer: string
  notAfter: Date
  /** SHA-256, colon-separated hex */
  fingerprint: string
}

/** A certificate ready to be served. */
export interface Served {
  info: CertificateInfo
  certificate: X509Certificate
  validity: Validity
  pair: KeyPair
  context: SecureContext
}

/** Makes the context for a pair; throws what OpenSSL says when the pair is unfit for TLS. */
export function serve(leafName: string, source: CertificateInfo['source'], pair: KeyPair): Served {
  const certificate = parseCertificate(pair.cert)
  if (certificate === null) throw new Error('not a certificate in PEM form')
  const validity = validityOf(certificate)
  return {
    info: {
      leafName,
      source,
      issuer: certificate.issuer,
      notAfter: new Date(validity.notAfter),
      fingerprint: certificate.fingerprint256,
    },
    certificate,
    validity,
    pair,
    context: createSecureContext({ ...SECURE_OPTIONS, cert: pair.cert, key: pair.key }),
  }
}

/** A context without a certificate: OpenSSL then ends the handshake with the alert `handshake_failure`. */
export function refusingContext(): SecureContext {
  return createSecureContext(SECURE_OPTIONS)
}
