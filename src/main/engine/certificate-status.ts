import type { CertificateStatus } from '../../shared/window-schemas.js'
import type { CertificateDemand } from './tls/certificates.js'
import type { CertificateInfo } from './tls/secure-context.js'

/**
 * What a person wants to know of the certificates being served. A certificate of the user's own, which is known by its
 * file, is listed for each host that it serves.
 *
 * @param demands what the hosts of the config ask for
 */
export function certificateStatuses(
  infos: readonly CertificateInfo[],
  demands: readonly CertificateDemand[],
): CertificateStatus[] {
  return infos.flatMap((info) => {
    if (info.source !== 'file') return [statusOf(info, info.leafName)]
    const served = demands.filter(({ source }) => typeof source !== 'string' && source.certFile === info.leafName)
    return served.map(({ leafName }) => statusOf(info, leafName))
  })
}

function statusOf({ source, issuer, notAfter, fingerprint }: CertificateInfo, name: string): CertificateStatus {
  return { name, source, issuer: issuer.replaceAll('\n', ', '), notAfter: notAfter.toISOString(), fingerprint }
}
