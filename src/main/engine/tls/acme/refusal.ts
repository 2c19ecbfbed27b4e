import { isIpLiteral } from '../../../../shared/hostname.js'
import { type AcmeSettings, challengeFor } from './settings.js'

/** Names that stand for no host of the internet (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476, ICANN's "internal"). */
const SPECIAL = ['test', 'invalid', 'example', 'local', 'internal', 'home.arpa', 'lan', 'onion', 'alt']

/**
 * Why nobody is asked for a certificate for a name; null when somebody may be. Asking would only use up the
 * authority's patience. An authority with a `caFile` is a private one, which may know names that the internet does not.
 *
 * @param name host or wildcard of the config, normalised
 */
export function refusalOf(name: string, settings: AcmeSettings): string | null {
  const host = name.replace(/^\*\./, '')
  if (isIpLiteral(host)) return 'ACME is for names, not for addresses; use "certificate": "local" for this host'
  if (host === 'localhost' || host.endsWith('.localhost'))
    return 'it always means this machine, so no authority issues certificates for it; use "certificate": "local"'
  if (!host.includes('.') || (settings.caFile === null && isSpecial(host)))
    return 'it is no name of the public internet, so no public authority issues certificates for it; use "certificate": "local"'
  if (challengeFor(name, settings) === 'dns-01' && settings.dnsHook === null)
    return 'a wildcard is proven by DNS alone; set tls.acme.dnsHook to a command that sets DNS records'
  return null
}

function isSpecial(host: string): boolean {
  return SPECIAL.some((suffix) => host.endsWith(`.${suffix}`))
}
