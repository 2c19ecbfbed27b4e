import type { HostsFacts, LookupFacts, SearchFacts } from '../../../shared/doctor-facts.js'
import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { isLoopbackHost } from '../../../shared/hostname.js'
import { fail, fixBy, pass, warn } from './check.js'

export interface NameFacts {
  /** that was looked up: for a wildcard, a host below it */
  host: string
  lookup: LookupFacts
  /** addresses that the gateway listens on */
  bound: readonly string[]
  /** the words that call the command line */
  portico: string
}

const FIND = { kind: 'system', group: 'names', action: 'install' } as const

/** Whether programs find the gateway by a name, in each family of addresses. */
export function judgeName({ host, lookup, bound, portico }: NameFacts): DoctorCheck {
  const id = `name:${host}`
  const found = fixBy('Has this machine find it.', `${portico} dns install`, FIND)
  if (lookup.addresses.length === 0) {
    if (!host.endsWith('.localhost'))
      return fail(id, `${host} does not resolve (${lookup.error ?? 'no address'}).`, found)
    const message = `Browsers find ${host} by themselves; command-line tools of this machine do not (${lookup.error ?? 'no address'}).`
    return warn(id, message, found)
  }
  const strange = lookup.addresses.filter(
    (address) => !isLoopbackHost(address) && !bound.some((one) => one === address || isAny(one)),
  )
  if (strange.length > 0) {
    return fail(id, `${host} leads to ${strange.join(', ')}, where this gateway is not.`, found)
  }
  const unheard = lookup.addresses.filter((address) => !hears(bound, address))
  if (unheard.length === lookup.addresses.length) {
    return fail(id, `${host} leads to ${unheard.join(', ')}, and the gateway listens on ${bound.join(', ')}.`, BIND)
  }
  if (unheard.length > 0) {
    const message = `${host} leads to ${unheard.join(', ')} too, where the gateway does not listen: programs that try it first wait or fail.`
    return warn(id, message, BIND)
  }
  return pass(id, `${host} leads to ${lookup.addresses.join(' and ')}.`)
}

const BIND = fixBy('Name both 127.0.0.1 and ::1 under "listen.bind" in the config.')

/** Lines of the hosts file that lead a name elsewhere, and lines of Portico's that no app needs any more. */
export function judgeHosts(hosts: HostsFacts | null, names: readonly string[], portico: string): DoctorCheck[] {
  const id = 'hosts-file'
  if (hosts === null) return [warn(id, 'The hosts file of this machine cannot be read.')]
  const wanted = new Set(names)
  const foreign = hosts.lines.filter(
    ({ own, address, names: told }) => !own && !isLoopbackHost(address) && told.some((name) => wanted.has(name)),
  )
  const stale = hosts.lines.filter(({ own, names: told }) => own && !told.some((name) => wanted.has(name)))
  const checks = [
    ...foreign.map(({ number, address, names: told }) =>
      fail(
        `${id}:${number}`,
        `Line ${number} of ${hosts.file} leads ${told.filter((name) => wanted.has(name)).join(', ')} to ${address}.`,
        fixBy(
          `Take it out of line ${number}, or give the app another host.`,
          `sudo sed -i.bak '${number}d' ${hosts.file}`,
        ),
      ),
    ),
    ...stale.map(({ number, names: told }) =>
      warn(
        `${id}:${number}`,
        `Line ${number} of ${hosts.file} is Portico’s, for ${told.join(', ')}, which no app has any more.`,
        fixBy('Writes Portico’s lines anew, for the names of today.', `${portico} dns install --via hosts`, {
          ...FIND,
          setting: 'hosts',
        }),
      ),
    ),
  ]
  return checks.length > 0 ? checks : [pass(id, `${hosts.file} leads none of the names elsewhere.`)]
}

/** A search domain is appended to names that do not resolve, and whoever has a wildcard there answers. */
export function judgeSearch(facts: SearchFacts | null): DoctorCheck[] {
  if (facts === null || facts.search.length === 0) return []
  const id = 'search-domain'
  const domains = facts.search.join(', ')
  if (facts.ndots <= 1) return [pass(id, `Search domains (${domains}) are tried only for names that do not resolve.`)]
  return [
    warn(
      id,
      `With ndots:${facts.ndots} in /etc/resolv.conf, shop.localhost is looked up as shop.localhost.${facts.search[0]} first.`,
      fixBy('Take "ndots" out of /etc/resolv.conf, or have the names in the hosts file.'),
    ),
  ]
}

function hears(bound: readonly string[], address: string): boolean {
  return bound.some((one) => one === address || (isAny(one) && (one === '::' || isIPv4(address))))
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function isIPv4(address: string): boolean {
  return !address.includes(':')
}
