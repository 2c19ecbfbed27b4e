import type { CommandResult } from '../../../shared/contract.js'
import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import type { Shape, Tone } from '../../components/mark.js'
import { strings } from '../../strings.js'

const text = strings.certificates

export const STORE_LOOKS: Record<TrustStoreStatus['state'], readonly [Shape, Tone]> = {
  trusted: ['disc', 'good'],
  untrusted: ['ring', 'faint'],
  stale: ['triangle', 'warn'],
  absent: ['ring', 'faint'],
  unknown: ['triangle', 'warn'],
}

/** How many stores trust the CA, of those that should: what is not there and what is left alone on purpose is not counted. */
export function countTrust(stores: readonly TrustStoreStatus[]): { trusted: number; all: number } {
  const counted = stores.filter(({ state, optional }) => state === 'trusted' || (state !== 'absent' && !optional))
  return { trusted: counted.filter(({ state }) => state === 'trusted').length, all: counted.length }
}

/** What can be done about all stores at once. */
export function waysOfAll(
  stores: readonly TrustStoreStatus[],
): Record<'install' | 'remove' | 'replace' | 'clean', boolean> {
  return {
    install: stores.some(({ state, optional }) => !optional && (state === 'untrusted' || state === 'stale')),
    remove: stores.some(({ state }) => state === 'trusted'),
    replace: stores.some(({ former }) => former === true),
    // A store that trusts this CA may have others beside it, and its detail tells.
    clean: stores.some(({ state, detail }) => state === 'stale' || (state === 'trusted' && detail !== '')),
  }
}

/** What the CA may vouch for, in words. */
export function constraintWords(constraints: CommandResult<'ca.info'>['constraints']): string {
  if (constraints === null) return text.everyName
  return text.vouchesFor(constraints.dns.join(', '), constraints.ip.length > 0)
}
