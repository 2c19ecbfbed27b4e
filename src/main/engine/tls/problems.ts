import type { CertificateSource } from '../../../shared/config.js'
import { isIpLiteral } from '../../../shared/hostname.js'
import type { FileCertificates } from './file-certificates.js'

/** A host of the config that is not served with the certificate that the config asks for. */
export interface CertificateProblem {
  /** the host or wildcard, as in the config */
  host: string
  message: string
}

/** What is wrong with the certificate of one host of the config; null when nothing is. */
export function problemOf(
  { source, leafName: host }: { source: CertificateSource; leafName: string },
  files: Pick<FileCertificates, 'problem' | 'served'>,
): CertificateProblem | null {
  if (source === 'local' || source === 'self-signed') return null
  if (source === 'acme') {
    return { host, message: 'ACME is not set up in this version; the local CA serves this host instead' }
  }
  const served = files.served(source)
  const flaw = files.problem(source)
  if (flaw !== null) {
    const effect = served === null ? 'the local CA serves this host instead' : 'the former certificate is still served'
    return { host, message: `${flaw}; ${effect}` }
  }
  if (served === null) return null
  if (isIpLiteral(host)) {
    return { host, message: 'clients name no host when they connect to an address; the local CA serves it instead' }
  }
  const covered = served.certificate.checkHost(host.replace(/^\*/, 'any')) !== undefined
  return covered ? null : { host, message: `${source.certFile} does not name this host; browsers will refuse it` }
}
