import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import { shortFingerprint, type TrustCa } from './pem.js'
import type { Look, TrustStore } from './trust-store.js'

/** What a look at a store says of the CA. */
export function storeStatus(
  { id, title, optional }: Pick<TrustStore, 'id' | 'title' | 'optional'>,
  look: Look,
  { fingerprint, former }: Pick<TrustCa, 'fingerprint'> & { former?: ReadonlySet<string> },
): TrustStoreStatus {
  const hasFormer = look.found && look.entries.some((entry) => former?.has(entry.fingerprint))
  const status = (state: TrustStoreStatus['state'], detail: string) => ({
    ...{ id, title, optional, state, detail },
    ...(hasFormer ? { former: true } : {}),
  })
  if (!look.found) return status(look.known ? 'absent' : 'unknown', look.because)
  const own = look.entries.filter((entry) => entry.fingerprint === fingerprint)
  const others = look.entries.filter((entry) => entry.fingerprint !== fingerprint)
  const old =
    others.length === 0 ? '' : `${others.map(({ name, fingerprint: of }) => name || shortFingerprint(of)).join(', ')}`
  const remarks = own.flatMap(({ remark }) => (remark === undefined ? [] : [remark]))
  const also = old === '' ? [] : [`it trusts another Portico CA too: ${old}`]
  if (own.some(({ trusted }) => trusted)) return status('trusted', sentence([...remarks, ...also]))
  if (others.some(({ trusted }) => trusted)) return status('stale', sentence([`it trusts another Portico CA: ${old}`]))
  return status('untrusted', sentence(remarks))
}

function sentence(parts: string[]): string {
  const text = [...new Set(parts)].join('; ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
