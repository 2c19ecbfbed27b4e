import type { CommandResult } from '../../../shared/contract.js'
import type { AuthorityInfo } from './certificates.js'
import { namesOf } from './permitted-names.js'
import { isExpiring } from './problems.js'

/** The local CA as the contract tells it. @param now milliseconds since the epoch */
export function caInfo(authority: AuthorityInfo, now: number): CommandResult<'ca.info'> {
  const { certFile, pem, fingerprint, notAfter, constraints } = authority
  return {
    file: certFile,
    pem,
    fingerprint,
    notAfter: notAfter.toISOString(),
    constraints: constraints === null ? null : namesOf(constraints),
    expiring: isExpiring(authority, now),
  }
}
