import { AcmeError } from './acme-error.js'
import type { ChallengeType } from './settings.js'

/** A problem document (RFC 8555 section 6.7), as far as it is used. */
export interface Problem {
  type: string
  detail: string
}

const PREFIX = 'urn:ietf:params:acme:error:'
const DETAIL_LENGTH = 300

/** Whatever a directory sent, as a problem document; null when it is none. */
export function problemIn(data: unknown): Problem | null {
  if (typeof data !== 'object' || data === null) return null
  const { type, detail } = data as { type?: unknown; detail?: unknown }
  if (typeof type !== 'string') return null
  return { type: type.startsWith(PREFIX) ? type.slice(PREFIX.length) : type, detail: printable(detail) }
}

/** The refusal of a request. @param retryAfterMs null when the directory named no time */
export function refusedRequest(status: number, problem: Problem | null, retryAfterMs: number | null): AcmeError {
  const type = problem?.type ?? ''
  const limited = status === 429 || status === 503 || type === 'rateLimited'
  const reason = problem === null || problem.detail === '' ? `status ${status}` : problem.detail
  const message = limited ? `the ACME directory wants a pause (${reason})` : `the ACME directory refused (${reason})`
  return new AcmeError(message, {
    kind: limited ? 'limited' : 'failed',
    type,
    remedy: REMEDIES[type] ?? '',
    retryAfterMs,
  })
}

/** A name could not be proven to be ours. */
export function failedChallenge(name: string, challenge: ChallengeType, problem: Problem | null): AcmeError {
  const { type, detail } = problem ?? { type: '', detail: 'no reason given' }
  return new AcmeError(`the ACME directory could not check that ${name} is yours (${detail})`, {
    type,
    remedy: challengeRemedy(name, challenge, type),
  })
}

const REMEDIES: Record<string, string> = {
  externalAccountRequired: 'Put the key that the authority gave you into tls.acme.eab',
  invalidContact: 'Correct tls.acme.email',
  unsupportedContact: 'Correct tls.acme.email',
  rejectedIdentifier: 'This authority issues no certificates for this name; use another one, or "certificate": "local"',
  caa: 'The CAA records of the domain must permit this authority',
  userActionRequired: 'Agree to the new terms of the authority, on its own site',
}

function challengeRemedy(name: string, challenge: ChallengeType, type: string): string {
  if (type === 'caa') return REMEDIES.caa as string
  if (challenge === 'dns-01')
    return `The TXT record _acme-challenge.${name.replace(/^\*\./, '')} must be visible when tls.acme.dnsHook has ended`
  const port = challenge === 'http-01' ? 'port 80 (listen.http)' : 'port 443 (listen.https)'
  const reach = `${name} must lead to this machine from where the authority is, and its ${port} to Portico`
  return type === 'dns' ? `${reach}: its name is not found` : reach
}

/** Text of a stranger, for a line of the log or the window. */
function printable(text: unknown): string {
  if (typeof text !== 'string') return ''
  return text.replace(/\p{C}+/gu, ' ').slice(0, DETAIL_LENGTH)
}
