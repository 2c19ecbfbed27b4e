import type { CertificateStatus } from '../../shared/window-schemas.js'
import type { CertificateDemand } from './tls/certificates.js'
import type { CertificateProblem } from './tls/problems.js'
import type { CertificateInfo } from './tls/secure-context.js'

/** What is asked of the certificates. */
export interface CertificateFacts {
  list(): Promise<CertificateInfo[]>
  kept(leafName: string): Promise<CertificateInfo | null>
  problems(): CertificateProblem[]
  renewalProblem(leafName: string): string | null
  /** whether the local CA may vouch for it */
  permits(leafName: string): boolean
}

/** Local leaves have a third of their life left when they are renewed: one with less than this could not be. */
const EXPIRING_MS = 7 * 86_400_000
/** Files read at a time. */
const BATCH = 32

/**
 * What a person wants to know of the certificates: those in use, those on disk for hosts that nobody has asked for yet,
 * and the hosts that have none. A certificate of the user's own, which is known by its file, is listed for each host that
 * it serves.
 *
 * @param demands what the hosts of the config ask for
 * @param now milliseconds since the epoch
 */
export async function certificateStatuses(
  facts: CertificateFacts,
  demands: readonly CertificateDemand[],
  now: number,
): Promise<CertificateStatus[]> {
  const problems = new Map(facts.problems().map(({ host, message }) => [host, message]))
  const statusOf = (info: CertificateInfo, name: string) =>
    present(info, name, problems.get(name) ?? facts.renewalProblem(info.leafName), now)
  const acme = new Set(demands.filter(({ source }) => source === 'acme').map(({ leafName }) => leafName))
  const used = (await facts.list()).flatMap((info) => {
    // The local leaf that serves while ACME has none is no news of its own: the host is listed as missing one.
    if (info.source === 'local' && acme.has(info.leafName)) return []
    if (info.source !== 'file') return [statusOf(info, info.leafName)]
    const served = demands.filter(({ source }) => typeof source !== 'string' && source.certFile === info.leafName)
    return served.map(({ leafName }) => statusOf(info, leafName))
  })
  const names = new Set(used.map(({ name }) => name))
  const unused = demands.filter(({ leafName }) => !isServed(leafName, names))
  const others = await inBatches(unused, async (demand) => {
    const info = isIssuedLocally(demand) ? await facts.kept(demand.leafName) : null
    if (info !== null) return statusOf(info, demand.leafName)
    const outside = isIssuedLocally(demand) && !facts.permits(demand.leafName)
    return missing(demand, outside ? 'outside-constraints' : 'missing', problems.get(demand.leafName) ?? null)
  })
  return [...used, ...others]
}

function present(
  { source, issuer, notAfter, fingerprint }: CertificateInfo,
  name: string,
  lastError: string | null,
  now: number,
): CertificateStatus {
  const left = notAfter.getTime() - now
  const state = left < 0 ? 'expired' : left < EXPIRING_MS ? 'expiring' : 'valid'
  const signer = issuer.replaceAll('\n', ', ')
  return { name, source, issuer: signer, notAfter: notAfter.toISOString(), fingerprint, state, lastError }
}

function missing(
  { source, leafName: name }: CertificateDemand,
  state: 'missing' | 'outside-constraints',
  lastError: string | null,
): CertificateStatus {
  const kind = typeof source !== 'string' ? 'file' : source
  return { name, source: kind, issuer: null, notAfter: null, fingerprint: null, state, lastError }
}

/** Straight below a top-level domain a wildcard has no certificate of its own: each host has one. */
function isServed(leafName: string, names: ReadonlySet<string>): boolean {
  if (names.has(leafName)) return true
  if (!leafName.startsWith('*.') || leafName.slice(2).includes('.')) return false
  return [...names].some((name) => name.endsWith(leafName.slice(1)))
}

function isIssuedLocally({ source }: CertificateDemand): boolean {
  return source === 'local'
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += BATCH)
    results.push(...(await Promise.all(items.slice(from, from + BATCH).map(work))))
  return results
}
