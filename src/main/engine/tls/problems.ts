import type { CertificateSource } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import { isIpLiteral } from '../../../shared/hostname.js'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import type { FileCertificates } from './file-certificates.js'
import { domainFor, permits } from './permitted-names.js'

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
  acme: { problem(name: string): string | null },
): CertificateProblem | null {
  if (source === 'local' || source === 'self-signed') return null
  if (source === 'acme') {
    const message = acme.problem(host)
    return message === null ? null : { host, message }
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

/** That the local CA may not vouch for a host which asks for it, and what to do; null when it may. */
export function outsideProblem(
  { source, leafName: host }: { source: CertificateSource; leafName: string },
  constraints: NameConstraints | null,
): CertificateProblem | null {
  if (source !== 'local' || permits(constraints, host)) return null
  const effect = 'the local CA may not vouch for this host, so browsers refuse its certificate'
  return { host, message: `${effect}; have a new CA that may with: ${rotateCommand(host)}` }
}

/** @param name host or wildcard that the local CA may not vouch for */
export function outsideFault(name: string): Fault {
  return new Fault('conflict', `The local CA may not vouch for ${name}.`, `Have one that may: ${rotateCommand(name)}`)
}

/** Authorities live ten years: whoever sees this has a month to be trusted anew. */
const EXPIRING_MS = 30 * 86_400_000

/** Whether an authority ends within 30 days. @param now milliseconds since the epoch */
export function isExpiring({ notAfter }: { notAfter: Date }, now: number): boolean {
  return notAfter.getTime() - now < EXPIRING_MS
}

/** What a person has to know of the local CA itself, each with its remedy. @param now milliseconds since the epoch */
export function authorityProblems(
  authority: { notAfter: Date; constraints: NameConstraints | null },
  now: number,
): string[] {
  const open = 'The local CA may vouch for every name on the internet, which a new one may not'
  const end = `The local CA expires on ${authority.notAfter.toISOString().slice(0, 10)}, and all its certificates with it`
  return [
    ...(isExpiring(authority, now) ? [`${end}; replace it with: portico ca rotate`] : []),
    ...(authority.constraints === null ? [`${open}; replace it with: portico ca rotate`] : []),
  ]
}

function rotateCommand(host: string): string {
  return `portico ca rotate --add-domain ${domainFor(host)}`
}
