import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Exchange } from '../exchange.js'
import { headerValues } from '../headers.js'

/**
 * Who sent the request: the peer itself, or the one that trusted proxies name. X-Forwarded-For is read from its end, where
 * the proxies nearest to us have written, up to the first address that is no trusted proxy.
 */
export function clientAddress(exchange: Exchange): string {
  const { connection, snapshot, headers } = exchange
  if (!connection.trusted) return connection.client
  const named = headerValues(headers, 'x-forwarded-for')
  if (named.length === 0) return connection.client
  const hops = named.join(',').split(',')
  let client = connection.client
  for (let at = hops.length - 1; at >= 0; at--) {
    const hop = addressIn(hops[at] as string)
    if (hop === null) break
    client = hop
    if (!snapshot.trusts(hop)) break
  }
  return client
}

/** What is counted as one client: an address, or the /64 that an IPv6 client has to itself (RFC 4291 section 2.5.4). */
export function clientGroup(address: string): string {
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return address
  const parts = ipaddr.IPv6.parse(address).parts.slice(0, 4)
  return `${parts.map((part) => part.toString(16)).join(':')}::/64`
}

/** Without port and brackets; null for what is no address (`unknown`, an obfuscated name). */
function addressIn(written: string): string | null {
  const text = written
    .trim()
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  // Asked first, because the library makes an Error of each text that is no address.
  const family = isIP(text)
  if (family === 0) return null
  return family === 4 ? text : ipaddr.process(text).toString()
}
