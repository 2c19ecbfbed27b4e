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
  source: 'local' | 'self-signed' | 'acme' | 'file'
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

/**
 * The context that ends a handshake with the alert `handshake_failure`. An error given to the SNI callback would drop
 * the connection without an alert, and a context without a certificate would leave that of the server in place; one
 * whose certificate (PEM, of any authority or leaf but the default one, EC) has no key leaves OpenSSL nothing to sign with.
 */
export function refusingContext(certificate: string): SecureContext {
  return createSecureContext({ ...SECURE_OPTIONS, cert: certificate })
}
