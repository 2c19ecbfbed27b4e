import { X509Certificate } from 'node:crypto'

/** A certificate as stores are searched for it. */
export interface FoundCertificate {
  /** SHA-256 of the DER, colon-separated upper-case hex */
  fingerprint: string
  /** the same by SHA-1: what some stores call their entries by */
  sha1: string
  /** made by a Portico, this one or another */
  isPortico: boolean
  /** common name; empty without one */
  name: string
  pem: string
}

/** The CA that is to be trusted. */
export interface TrustCa extends FoundCertificate {
  /** absolute; its certificate, never its key */
  file: string
}

const BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/** Every certificate in a text, in order; what cannot be read is passed over. */
export function certificatesIn(text: string): FoundCertificate[] {
  return [...text.matchAll(BLOCK)].flatMap(([pem]) => {
    const found = readCertificate(pem)
    return found === null ? [] : [found]
  })
}

/** The first certificate of a PEM text; null when there is none. */
export function readCertificate(pem: string): FoundCertificate | null {
  try {
    const { fingerprint256: fingerprint, fingerprint: sha1, subject } = new X509Certificate(pem)
    const lines = subject.split('\n')
    const name = lines.find((line) => line.startsWith('CN='))?.slice(3) ?? ''
    return { fingerprint, sha1, name, pem: pem.trim(), isPortico: lines.includes(`O=${PORTICO_ORGANIZATION}`) }
  } catch {
    return null
  }
}

/** In the subject of every CA that Portico makes. */
export const PORTICO_ORGANIZATION = 'Portico local CA'

/** The first 16 hex digits of a fingerprint, lower-case: for names that people read. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').slice(0, 16).toLowerCase()
}
