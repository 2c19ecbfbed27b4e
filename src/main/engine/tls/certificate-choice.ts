import type { SecureContext } from 'node:tls'
import type { CertificateSource } from '../../../shared/config.js'
import { isIpLiteral, normaliseHostname } from '../../../shared/hostname.js'
import type { AcmeCertificates } from './acme/acme-certificates.js'
import { KeyLocked } from './authority-key.js'
import type { CertificatesOptions } from './certificates-options.js'
import type { FileCertificates, FileSource } from './file-certificates.js'
import { leafFor } from './leaf-name.js'
import type { LocalCa } from './local-ca.js'
import type { SelfSignedCertificates } from './self-signed.js'

/** Where certificates come from, and who wants which. */
export interface CertificateSources {
  options: Pick<CertificatesOptions, 'demandFor' | 'unknownHosts'>
  local: LocalCa
  files: FileCertificates
  selfSigned: SelfSignedCertificates
  acme: AcmeCertificates
  /** ends a handshake with an alert */
  refusing: SecureContext
  /** for clients that name no host */
  defaultContext(): Promise<SecureContext>
}

/** Which certificate a handshake gets, and which local leaves anybody wants. */
export class CertificateChoice {
  readonly #sources: CertificateSources

  constructor(sources: CertificateSources) {
    this.#sources = sources
  }

  /** The context for a server name as the client sent it. Rejects when its certificate cannot be had. */
  async contextFor(servername: string): Promise<SecureContext> {
    const { options, local, files, selfSigned, acme, defaultContext } = this.#sources
    const host = normaliseHostname(servername)
    const demand = host === null ? null : options.demandFor(host)
    if (host === null || demand === null) return this.#contextForUnknown(host)
    if (isFile(demand.source)) {
      const served = await files.get(demand.source)
      if (served !== null) return served.context
    }
    if (demand.source === 'self-signed') return (await selfSigned.get(demand.leafName)).context
    const wish = leafFor(host, demand.leafName)
    const isAcme = demand.source === 'acme'
    const issued = isAcme && wish.name === demand.leafName ? acme.get(demand.leafName) : null
    if (issued !== null) return issued.context
    // While ACME or a file has no certificate to offer, the local CA serves.
    // A host that the CA may not vouch for is served all the same, to whoever goes on past the warning.
    if (isIpLiteral(host) || !local.permits(demand.leafName)) return defaultContext()
    try {
      return (await local.leaves.get(isAcme ? { ...wish, keep: false } : wish)).context
    } catch (error) {
      // So is one that has no leaf while the key of the CA is out of reach.
      if (error instanceof KeyLocked) return defaultContext()
      throw error
    }
  }

  /** Whether a host of the config is served with the local leaf of this name. */
  wantsLeaf(name: string): boolean {
    const { options, files, acme } = this.#sources
    const host = name.startsWith('*.') ? `any${name.slice(1)}` : name
    const demand = options.demandFor(host)
    if (
      demand === null ||
      demand.source === 'self-signed' ||
      (demand.source === 'acme' && name === demand.leafName && acme.get(name) !== null) ||
      (isFile(demand.source) && files.served(demand.source) !== null)
    )
      return false
    return leafFor(host, demand.leafName).name === name
  }

  /** An address is no SNI (RFC 6066 section 3): who sends one gets what clients without SNI get. */
  async #contextForUnknown(host: string | null): Promise<SecureContext> {
    const { options, defaultContext, refusing } = this.#sources
    const isDefaultName = host !== null && (host === 'localhost' || isIpLiteral(host))
    return isDefaultName || options.unknownHosts() === 'default' ? defaultContext() : refusing
  }
}

export function isFile(source: CertificateSource): source is FileSource {
  return typeof source !== 'string'
}
