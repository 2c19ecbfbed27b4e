import ipaddr from 'ipaddr.js'
import { isLinkLocalV6, type NetworkAddress } from '../network-addresses.js'

/** Interfaces that lead to containers, virtual machines and tunnels, where no phone is. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|wg|zt|tailscale|ham|cni|flannel|lxc|podman)/i

/**
 * The addresses at which a phone may reach this machine, the likeliest first: IPv4 of a network that one joins, then what
 * else there is. IPv6 only where there is no IPv4, because its addresses are long to type.
 */
export function phoneAddresses(addresses: readonly NetworkAddress[]): string[] {
  const v4 = addresses.filter(({ family }) => family === 4)
  const v6 = addresses.filter(({ family, address }) => family === 6 && !isLinkLocalV6(address))
  const usable = v4.length > 0 ? v4 : v6
  return usable.toSorted((a, b) => rank(a) - rank(b)).map(({ address }) => address)
}

function rank({ interface: name, address }: NetworkAddress): number {
  const range = ipaddr.parse(address).range()
  const isPrivate = range === 'private' || range === 'uniqueLocal'
  return (VIRTUAL.test(name) ? 4 : 0) + (isPrivate ? 0 : 1) + (range === 'linkLocal' ? 2 : 0)
}
