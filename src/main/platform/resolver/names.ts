import { lookup } from 'node:dns/promises'
import { isIpLiteral, isLoopbackHost } from '../../../shared/hostname.js'

/** How a name is found by the programs of this machine: getaddrinfo, with hosts file and all. Empty when it is not. */
export type LookUp = (name: string) => Promise<string[]>

const LOOKUP_MS = 5_000

export const systemLookUp: LookUp = async (name) => {
  const { promise: late, resolve } = Promise.withResolvers<string[]>()
  const timer = setTimeout(() => resolve([]), LOOKUP_MS)
  const found = lookup(name, { all: true, verbatim: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  )
  try {
    return await Promise.race([found, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether what was found is this machine, and nothing else. */
export function leadsHere(addresses: readonly string[]): boolean {
  return addresses.length > 0 && addresses.every(isLoopbackHost)
}

/** The hosts that a hosts file can have: names, no wildcards and no addresses. */
export function plainNames(hosts: readonly string[]): string[] {
  return hosts.filter((host) => !host.startsWith('*.') && !isIpLiteral(host))
}

/**
 * The names that a hosts file is needed for: those that do not lead here, and those that do only because it has them.
 *
 * @param listed names in the hosts file now
 */
export async function namesToList(
  hosts: readonly string[],
  listed: readonly string[],
  find: LookUp,
): Promise<string[]> {
  const needed = await Promise.all(
    plainNames(hosts).map(async (name) => (listed.includes(name) || !leadsHere(await find(name)) ? [name] : [])),
  )
  return needed.flat()
}
