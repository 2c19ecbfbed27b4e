import { createHash } from 'node:crypto'
import { isIpLiteral } from '../../../shared/hostname.js'

/** One leaf certificate as it is wanted. */
export interface LeafWish {
  /** what it is cached, listed and filed under: a host, a wildcard or `DEFAULT_LEAF` */
  name: string
  /** its subject alternative names: host names, wildcards and IP literals */
  names: readonly string[]
  /** whether it goes on disk: only leaves that the config names do, so that clients cannot fill the disk */
  keep: boolean
}

/** The leaf for clients without SNI. The plus sign is in no host name. */
export const DEFAULT_LEAF = '+default'

/**
 * The leaf for `host`, which the config's `pattern` (the host itself, or a wildcard above it) has matched. Our wildcard
 * stands for one or more labels but that of a certificate for exactly one (RFC 6125 section 6.4.3), so each depth has a
 * leaf of its own: `a.b.shop.localhost` under `*.shop.localhost` gets `*.b.shop.localhost`. Clients refuse a wildcard
 * straight below a top-level domain, such as `*.localhost`: there the host gets its own leaf.
 */
export function leafFor(host: string, pattern: string): LeafWish {
  if (!pattern.startsWith('*.')) return { name: pattern, names: [pattern], keep: true }
  const parent = host.slice(host.indexOf('.') + 1)
  const name = parent.includes('.') ? `*.${parent}` : host
  return { name, names: [name], keep: name === pattern }
}

/** The leaf for clients without SNI, which are those that connect to an address: `addresses` are the configured ones. */
export function defaultLeaf(addresses: readonly string[]): LeafWish {
  const names = new Set(['localhost', '127.0.0.1', '::1', ...addresses.filter(isIpLiteral).sort()])
  return { name: DEFAULT_LEAF, names: [...names], keep: true }
}

const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/
const MAX_FILE_NAME = 200

/**
 * The directory name of a leaf, distinct for every name and valid on every file system: no `*`, no Windows device
 * name, no name beyond 255 bytes.
 */
export function leafDirectoryName(name: string): string {
  const safe = name.replace('*.', 'wildcard+').replaceAll(':', '+')
  if (safe.length > MAX_FILE_NAME) return `+${createHash('sha256').update(name).digest('hex')}`
  return DEVICE_NAME.test(safe) ? `+${safe}` : safe
}
