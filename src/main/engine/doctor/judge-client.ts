import type { ClientId, ClientResult } from '../../../shared/doctor-facts.js'
import type { DoctorCheck, DoctorFix } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import { fail, fixAtOnce, fixBy, pass, warn } from './check.js'
import { type Refusal, refusalOf } from './refusal.js'

export interface ClientFacts {
  client: ClientId
  url: string
  result: ClientResult
  /** of the same request with the CA named by a variable; null where that was not tried */
  withVariable: ClientResult | null
  stores: readonly TrustStoreStatus[]
  /** the words that call the command line */
  portico: string
}

export const CLIENT_NAMES: Record<ClientId, string> = {
  curl: 'curl',
  openssl: 'OpenSSL',
  node: 'Node',
  python: 'Python',
  java: 'Java',
  chromium: 'Chromium',
}

/** Those with a store of their own; the others go by the system's, or by variables. */
const FAMILIES: Partial<Record<ClientId, string>> = { java: 'java', chromium: 'nss' }

/** What a client's real request says. A client that is not installed is not told of. */
export function judgeClient(facts: ClientFacts): DoctorCheck[] {
  const { client, url, result } = facts
  const id = `client:${client}`
  const name = CLIENT_NAMES[client]
  switch (result.state) {
    case 'missing':
      return []
    case 'answered':
      return [pass(id, `${name} trusts the certificate and gets ${url}.`)]
    case 'late':
      return [warn(id, `${name} had no answer from ${url} within ${result.afterMs / 1_000} s.`)]
    case 'refused':
      return [refused(id, name, refusalOf(result.said), result.said, facts)]
  }
}

function refused(id: string, name: string, refusal: Refusal, said: string, facts: ClientFacts): DoctorCheck {
  const { url, portico, withVariable } = facts
  switch (refusal) {
    case 'untrusted': {
      const variable = withVariable?.state === 'answered'
      const message = `${name} does not trust the local CA${variable ? ' unless a variable names it' : ''}: ${said}`
      return (variable ? warn : fail)(id, message, trustFix(facts))
    }
    case 'expired':
      return fail(id, `${name} says that the certificate has expired: ${said}`, renewal(facts))
    case 'early':
      return fail(
        id,
        `${name} says that the certificate is not valid yet: ${said}`,
        fixBy('Set the clock of this machine right; the certificate begins in the future.'),
      )
    case 'name':
      return fail(id, `${name} does not accept the certificate for this name: ${said}`, renewal(facts))
    case 'unreachable':
      return fail(
        id,
        `${name} does not reach ${url}: ${said}`,
        fixBy('See whether the gateway listens.', `${portico} status`),
      )
    case 'other':
      return warn(id, `${name} failed on ${url}: ${said}`)
  }
}

/** The store that the client goes by; where it has the CA already, the client goes by something else. */
function trustFix({ client, stores, portico }: ClientFacts): DoctorFix {
  const variables = fixBy('Lines for this shell, by which it trusts the local CA.', `eval "$(${portico} env)"`)
  if (client === 'node') return variables
  const store = storeOf(client, stores)
  if (store === undefined || store.state === 'trusted') return variables
  if (store.state === 'unknown') return fixBy(store.detail)
  return fixBy(
    `Has the store trust the local CA: ${store.title}.`,
    `${portico} ca install --store ${shellQuote(store.id)}`,
    { kind: 'trust', action: store.former === true ? 'replace' : 'install', stores: [store.id] },
  )
}

function storeOf(client: ClientId, stores: readonly TrustStoreStatus[]): TrustStoreStatus | undefined {
  const family = FAMILIES[client]
  const here = stores.filter(({ state }) => state !== 'absent')
  const own = here.filter(({ id }) => (family === undefined ? !id.includes(':') : id.startsWith(`${family}:`)))
  return own.find(({ state, id }) => state !== 'trusted' && !/firefox|librewolf|zen/.test(id)) ?? own[0]
}

function renewal({ url, portico }: ClientFacts): DoctorFix {
  const host = new URL(url).hostname
  return fixAtOnce('Issues the certificate anew.', `${portico} cert renew ${host}`, {
    command: 'certificates.renew',
    params: { name: host },
  })
}
