import ipaddr from 'ipaddr.js'
import { isLinkLocalV6, type NetworkAddress } from '../network-addresses.js'

/** An interface in one family: what is asked there is answered there, with the addresses of that interface. */
export interface Link {
  /** the same as long as the interface is there in this family */
  id: string
  interface: string
  family: 4 | 6
  /** to send from; link-local without its zone */
  address: string
  scope: number
  networks: readonly string[]
  /** what other machines on it may be told, of both families */
  told: readonly string[]
}

/**
 * The links of a machine. An interface has one per family, which answers with the addresses of both.
 *
 * @param families in which the gateway listens: addresses of the other are not told
 */
export function linksOf(addresses: readonly NetworkAddress[], families: readonly (4 | 6)[]): Link[] {
  const groups = Map.groupBy(addresses, (one) => `${one.interface} ${one.family}`)
  return [...groups].map(([id, group]) => {
    const first = group.find(({ address }) => isLinkLocalV6(address)) ?? (group[0] as NetworkAddress)
    const neighbours = addresses.filter((one) => one.interface === first.interface && families.includes(one.family))
    return {
      id,
      interface: first.interface,
      family: first.family,
      address: first.address,
      scope: first.scope,
      networks: group.map(({ cidr }) => cidr),
      told: toldOf(neighbours.map(({ address }) => address)),
    }
  })
}

/**
 * The link that a packet came by, as its sender's address tells; null for one from further away, which is none of our
 * business (RFC 6762 section 11).
 */
export function linkFrom(links: readonly Link[], source: string): Link | null {
  const [address = '', zone] = source.split('%')
  if (!ipaddr.isValid(address)) return null
  const family = address.includes(':') ? 6 : 4
  const mine = links.filter((link) => link.family === family)
  if (zone !== undefined) {
    return mine.find((link) => link.interface === zone || String(link.scope) === zone) ?? null
  }
  const parsed = ipaddr.parse(address)
  const isIn = (cidr: string) => {
    const network = ipaddr.parseCIDR(cidr)
    return network[0].kind() === parsed.kind() && parsed.match(network as [never, number])
  }
  return mine.find(({ networks }) => networks.some(isIn)) ?? null
}

/** Browsers cannot use a link-local IPv6 address, which has no meaning without an interface. */
function toldOf(addresses: readonly string[]): string[] {
  const usable = addresses.filter((address) => !isLinkLocalV6(address))
  return usable.length > 0 ? usable : [...addresses]
}
