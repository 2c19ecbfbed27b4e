import { isLoopbackHost, normaliseHostname } from '../../../../shared/hostname.js'
import { isAddress, isLoopbackAddress, isUnwanted, isWithin, judgedAddress } from './address.js'
import type { AllowRule } from './allow-rules.js'

/** What a decision depends on besides the target. */
export interface AllowFacts {
  rules: readonly AllowRule[]
  /** ports of this machine's loopback on which the user's own apps listen */
  ownPorts: readonly number[]
  /** ports of this machine that are Portico's own, whichever of its addresses is used */
  reservedPorts: readonly number[]
  /** further places that are Portico's own, as the relay's listener */
  reservedPlaces: readonly { address: string; port: number }[]
  /** addresses of this machine's interfaces */
  localAddresses: readonly string[]
}

export interface Candidate {
  /** as the relay asks for it: a name or an address */
  host: string
  port: number
  /** what the host was resolved to, and what would be dialled */
  address: string
}

export type Verdict =
  | { allowed: true }
  /** @param guarded only an exact ADDRESS:PORT opens it, which nobody should write without a thought */
  | { allowed: false; reason: string; guarded: boolean }

/**
 * Decides whether an agent connects to an address. A name never decides alone: what it resolves to is judged as well, so
 * that whoever owns the name cannot make it lead to this machine, to its neighbours on the link, or to a cloud's metadata.
 */
export function judgeTarget({ host, port, address: written }: Candidate, facts: AllowFacts): Verdict {
  const address = judgedAddress(written)
  if (address === null) return refused('it is no address')
  const loopback = isLoopbackAddress(address)
  const ranges = facts.rules.filter((rule) => rule.kind === 'range' && isWithin(address, rule.base, rule.bits))
  const localNames = facts.rules.filter((rule) => rule.kind === 'name' && loopback && isLoopbackHost(rule.host))
  if (ranges.some((rule) => rule.kind === 'range' && rule.single && rule.port === port)) return ALLOWED
  if (localNames.some((rule) => rule.port === port)) return ALLOWED
  if (isUnwanted(address)) return guarded('link-local, metadata and group addresses have to be named as ADDRESS:PORT')
  if (isReserved(address.toString(), port, loopback, facts)) {
    return guarded("Portico's own ports have to be named as ADDRESS:PORT")
  }
  if ([...ranges, ...localNames].some((rule) => covers(rule, port))) return ALLOWED
  if (loopback)
    return facts.ownPorts.includes(port) ? ALLOWED : refused('it is no app of this machine, and not allowed')
  return namedBy(facts.rules, host, port) ? ALLOWED : refused('it is not allowed')
}

/**
 * Whether a name could come to be allowed at all, once it is resolved. Others are not even looked up: what names an agent
 * asks its resolver for is not for the relay to choose.
 */
export function mayResolve(host: string, port: number, { rules }: Pick<AllowFacts, 'rules'>): boolean {
  return namedBy(rules, host, port) || rules.some((rule) => rule.kind === 'range' && covers(rule, port))
}

/** What a host is without asking anybody; null for a name that has to be resolved. */
export function knownAddresses(host: string): readonly string[] | null {
  if (isAddress(host.replace(/%.*$/s, ''))) return [host]
  return isLoopbackHost(normaliseHostname(host) ?? host) ? LOOPBACK : null
}

const LOOPBACK = ['127.0.0.1', '::1']
const ALLOWED: Verdict = { allowed: true }

/**
 * What a target would get, as far as can be told without asking for the addresses of its name: a name that is allowed may
 * still lead to where it must not.
 */
export function judgeUnresolved(host: string, port: number, facts: AllowFacts): Verdict {
  const known = knownAddresses(host)
  if (known === null) return mayResolve(host, port, facts) ? ALLOWED : refused('it is not allowed')
  const verdicts = known.map((address) => judgeTarget({ host, port, address }, facts))
  return verdicts.find(({ allowed }) => allowed) ?? verdicts[0] ?? refused('it has no address')
}

function refused(reason: string): Verdict {
  return { allowed: false, reason, guarded: false }
}

function guarded(reason: string): Verdict {
  return { allowed: false, reason, guarded: true }
}

function covers(rule: AllowRule, port: number): boolean {
  return rule.port === null || rule.port === port
}

function namedBy(rules: readonly AllowRule[], host: string, port: number): boolean {
  const name = normaliseHostname(host)
  return rules.some((rule) => rule.kind === 'name' && rule.host === name && covers(rule, port))
}

function isReserved(address: string, port: number, loopback: boolean, facts: AllowFacts): boolean {
  const here = loopback || facts.localAddresses.some((local) => judgedAddress(local)?.toString() === address)
  if (here && facts.reservedPorts.includes(port)) return true
  return facts.reservedPlaces.some(
    (place) => place.port === port && judgedAddress(place.address)?.toString() === address,
  )
}
