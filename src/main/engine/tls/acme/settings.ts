import type { Config } from '../../../../shared/config.js'

export type ChallengeType = 'http-01' | 'tls-alpn-01' | 'dns-01'

/** Whom to ask for certificates, and how to prove that a name is ours. */
export interface AcmeSettings {
  email: string
  /** URL of the directory (RFC 8555 section 7.1.1) */
  directory: string
  /** absolute path of the PEM file with the authority of the directory's own certificate; null for the public ones */
  caFile: string | null
  /** external account binding (RFC 8555 section 7.3.4), the key in base64url */
  eab: { kid: string; hmacKey: string } | null
  challenge: ChallengeType
  /** program and arguments that set DNS records; null when there is none */
  dnsHook: readonly string[] | null
}

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
const LETS_ENCRYPT_STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory'

/** @param acme `tls.acme` of the config, its paths already absolute. Null when the config has none. */
export function acmeSettings(acme: Config['tls']['acme']): AcmeSettings | null {
  if (acme === undefined) return null
  return {
    email: acme.email,
    directory: acme.directory ?? (acme.staging === true ? LETS_ENCRYPT_STAGING : LETS_ENCRYPT),
    caFile: acme.caFile ?? null,
    eab: acme.eab ?? null,
    challenge: acme.challenge ?? 'http-01',
    dnsHook: typeof acme.dnsHook === 'string' ? [acme.dnsHook] : (acme.dnsHook ?? null),
  }
}

/** A wildcard can be proven by DNS alone (RFC 8555 section 8.4). */
export function challengeFor(name: string, { challenge }: AcmeSettings): ChallengeType {
  return name.startsWith('*.') ? 'dns-01' : challenge
}
