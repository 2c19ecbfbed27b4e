import { isIPv4 } from 'node:net'
import { Fault } from '../../../shared/fault.js'
import { isIpLiteral, normaliseHostPattern } from '../../../shared/hostname.js'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import { addressBytes } from './name-constraints.js'

/** Domains that belong to nobody on the public internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's for `internal`). */
const DOMAINS = ['localhost', 'test', 'internal', 'local', 'home.arpa']
/** Loopback, private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291) addresses. */
const ADDRESSES = [
  ...['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
  ...['::1/128', 'fc00::/7', 'fe80::/10'],
]
/**
 * A form of names without any constraint would be open. That of nothing cannot be written; `invalid` is a domain that
 * never has a host (RFC 6761 section 6.4).
 */
const CLOSED = ['email:invalid', 'uri:invalid']
const MAX_ADDED = 100

/** What a new CA may vouch for: what is in every one of them, and `added` domains and addresses. */
export function permittedNames(added: readonly string[] = []): string[] {
  return [...DOMAINS, ...added.filter((name) => !name.includes('/')), ...ADDRESSES, ...added.filter(isRange), ...CLOSED]
}

/** The domains and addresses of a CA that are not in every one: those that a person has added. */
export function addedNames(constraints: NameConstraints | null): string[] {
  const usual = new Set(permittedNames())
  return (constraints?.permitted ?? []).filter((name) => !usual.has(name) && !/^(other$|email:|uri:)/.test(name))
}

/**
 * What is added to a CA after a change, each once, without what another covers.
 *
 * @param current as `addedNames` tells it
 * @param change domains (`example.com`, `*.example.com`) and addresses, as a person writes them
 * @throws Fault `usage` for what is neither, and for too many
 */
export function changedNames(
  current: readonly string[],
  change: { add?: readonly string[] | undefined; remove?: readonly string[] | undefined },
): string[] {
  const removed = new Set((change.remove ?? []).map(asConstraint))
  const wanted = [...current, ...(change.add ?? []).map(asConstraint)].filter((name) => !removed.has(name))
  const usual: NameConstraints = { permitted: permittedNames(), excluded: [] }
  const needed = [...new Set(wanted)].filter((name) => !permits(usual, name.split('/')[0]!))
  if (needed.length <= MAX_ADDED) return needed
  throw new Fault('usage', `A CA may vouch for ${MAX_ADDED} further domains, not for ${needed.length}.`)
}

/**
 * Whether a CA with these constraints may vouch for a host.
 *
 * @param name host, wildcard or IP literal, normalised
 */
export function permits(constraints: NameConstraints | null, name: string): boolean {
  if (constraints === null) return true
  const covers = isIpLiteral(name) ? coversAddress(name) : coversName(name.replace(/^\*\./, ''))
  const sameForm = constraints.permitted.filter((one) => formOf(one) === (isIpLiteral(name) ? 'address' : 'name'))
  return (sameForm.length === 0 || sameForm.some(covers)) && !constraints.excluded.some(covers)
}

/** The domain or address that would have to be added for a host to be permitted, and for nothing more. */
export function domainFor(host: string): string {
  return host.replace(/^\*\./, '')
}

/** The domains and the ranges of addresses that a CA may vouch for. */
export function namesOf({ permitted }: NameConstraints): { dns: string[]; ip: string[] } {
  return { dns: permitted.filter((one) => formOf(one) === 'name'), ip: permitted.filter(isRange) }
}

function asConstraint(text: string): string {
  const host = normaliseHostPattern(text.trim().replace(/^\./, ''))
  if (host === null) throw new Fault('usage', `"${text}" is neither a domain nor an address.`, 'As in: example.test')
  const name = domainFor(host)
  if (!isIpLiteral(name)) return name
  return `${name}/${isIPv4(name) ? 32 : 128}`
}

function isRange(name: string): boolean {
  return name.includes('/')
}

function formOf(constraint: string): 'name' | 'address' | 'other' {
  if (isRange(constraint)) return 'address'
  return constraint === 'other' || constraint.includes(':') ? 'other' : 'name'
}

/** A domain covers itself and what is below it; some CAs begin it with a dot, and mean the latter only. */
function coversName(host: string): (constraint: string) => boolean {
  return (constraint) => {
    if (formOf(constraint) !== 'name') return false
    const domain = constraint.toLowerCase()
    if (domain === '' || host === domain) return true
    return host.endsWith(domain.startsWith('.') ? domain : `.${domain}`)
  }
}

function coversAddress(address: string): (constraint: string) => boolean {
  const bytes = addressBytes(address)
  return (constraint) => {
    if (!isRange(constraint)) return false
    const [base = '', bits = '0'] = constraint.split('/')
    const range = addressBytes(base)
    return range.length === bytes.length && sameBits(range, bytes, Number(bits))
  }
}

function sameBits(a: Buffer, b: Buffer, bits: number): boolean {
  const whole = Math.floor(bits / 8)
  if (!a.subarray(0, whole).equals(b.subarray(0, whole))) return false
  return bits % 8 === 0 || (a[whole]! ^ b[whole]!) >> (8 - (bits % 8)) === 0
}
