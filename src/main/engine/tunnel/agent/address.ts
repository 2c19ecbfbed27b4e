import ipaddr from 'ipaddr.js'

/** Addresses that lead to no service of a network, or to what a machine may ask of nobody but its own host. */
const UNWANTED = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', '6to4', 'teredo', 'rfc6145'])
/** Where clouds tell a machine its credentials, outside the link-local range. */
const METADATA = new Set([
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:c1::a9fe:a9fe',
])

type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * An address as it is judged: IPv4 inside IPv6 (mapped, or by the NAT64 prefix of RFC 6052) as the IPv4 that it reaches,
 * without a zone.
 *
 * @returns null for what is no address
 */
export function judgedAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/s, '')
  if (!isAddress(bare)) return null
  const address = ipaddr.process(bare)
  if (address.kind() === 'ipv6' && address.range() === 'rfc6052') {
    return new ipaddr.IPv4(address.toByteArray().slice(12))
  }
  return address
}

/** Whether a text is an address in the usual notation, and not one of those that only inet_aton knows (`0x7f.1`). */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))
}

/** Whether only an exact wish opens an address: link-local, metadata services, multicast, the unspecified address. */
export function isUnwanted(address: Address): boolean {
  return UNWANTED.has(address.range()) || METADATA.has(address.toString())
}

export function isLoopbackAddress(address: Address): boolean {
  return address.range() === 'loopback'
}

/** @param bits of a range that begins at `base`; every one of them for a single address */
export function isWithin(address: Address, base: Address, bits: number): boolean {
  return address.kind() === base.kind() && address.match(base as never, bits)
}
