import type { CertificateSource } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import { isIpLiteral, normaliseHostPattern } from '../../../shared/hostname.js'
import { DEFAULT_LEAF, type LeafWish, leafFor } from './leaf-name.js'

/** What is to be issued anew when a person asks for it. */
export type Renewable =
  | { kind: 'leaf'; wish: LeafWish }
  | { kind: 'self-signed'; leafName: string }
  | { kind: 'acme'; leafName: string }
  /** the leaf for clients that name no host */
  | { kind: 'default' }

/**
 * Which certificate a name stands for: that of a host, of a wildcard, or of clients that name no host.
 *
 * @param demandFor which certificate a host wants; null when no app owns it
 * @throws Fault `not-found` for a name that nobody answers to, `conflict` for a certificate that is the user's own
 */
export function renewable(
  name: string,
  demandFor: (host: string) => { source: CertificateSource; leafName: string } | null,
): Renewable {
  if (name === DEFAULT_LEAF) return { kind: 'default' }
  const pattern = normaliseHostPattern(name)
  const host = pattern?.startsWith('*.') === true ? `any${pattern.slice(1)}` : pattern
  const demand = host === null || host === undefined ? null : demandFor(host)
  if (host === null || host === undefined || demand === null)
    throw new Fault('not-found', `Nothing answers to ${name}.`, 'See the names with: portico cert list')
  const { source, leafName } = demand
  if (typeof source !== 'string')
    throw new Fault(
      'conflict',
      `${name} has a certificate of your own, which Portico cannot issue.`,
      `Replace ${source.certFile} and ${source.keyFile}: they are read again within a second.`,
    )
  if (source === 'self-signed' || source === 'acme') return { kind: source, leafName }
  return isIpLiteral(host) ? { kind: 'default' } : { kind: 'leaf', wish: leafFor(host, leafName) }
}
