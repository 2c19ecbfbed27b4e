import os from 'node:os'
import path from 'node:path'
import type { CommandResult } from '../../../shared/contract.js'
import type { AuthorityInfo } from './certificates.js'
import type { KeyVault } from './key-vault.js'
import { KEY } from './new-authority.js'
import { namesOf } from './permitted-names.js'
import { isExpiring } from './problems.js'

/** The local CA as the contract tells it. @param now milliseconds since the epoch */
export async function caInfo(
  ca: { authority(): AuthorityInfo; keyVault: KeyVault | null },
  now: number,
): Promise<CommandResult<'ca.info'>> {
  const vault = (await ca.keyVault?.state()) ?? null
  const { certFile, pem, fingerprint, notAfter, constraints, keyStorage, keyProblem } = ca.authority()
  return {
    file: certFile,
    pem,
    fingerprint,
    notAfter: notAfter.toISOString(),
    constraints: constraints === null ? null : namesOf(constraints),
    expiring: isExpiring({ notAfter }, now),
    keyStorage,
    keyOpenedBy: keyStorage === 'file' ? readers(certFile) : `Portico’s desktop app while ${userName()} is logged in`,
    keyProblem,
    vault:
      vault === null
        ? null
        : { name: vault.name, available: vault.available, reason: vault.available ? null : vault.reason },
  }
}

function readers(certFile: string): string {
  return `${userName()}, and every program that this user runs: it lies in ${path.join(path.dirname(certFile), KEY)}`
}

/** A container may run under a user id that has no name. */
function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return 'this user'
  }
}
