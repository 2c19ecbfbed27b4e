import { isIpLiteral } from '../../../shared/hostname.js'

/** Top-level domains that exist nowhere but on one machine (RFC 6761 section 6), so all of one may be asked here. */
const OWN = new Set(['test', 'localhost'])

/**
 * The domains for which Portico is to be asked: of those that are nobody else's the whole, so that a new app needs no
 * new settings; of others no more than the hosts themselves, because their neighbours are on some network.
 *
 * @param hosts of the apps, normalised, wildcards included
 * @returns sorted, none below another
 */
export function domainsOf(hosts: readonly string[]): string[] {
  const names = hosts.map((host) => host.replace(/^\*\./, '')).filter((host) => !isIpLiteral(host))
  const wanted = new Set(
    names.map((name) => {
      const top = name.slice(name.lastIndexOf('.') + 1)
      return OWN.has(top) ? top : name
    }),
  )
  return [...wanted].filter((one) => ![...wanted].some((other) => one.endsWith(`.${other}`))).sort()
}
