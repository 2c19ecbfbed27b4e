import type { X509Certificate } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { NameConstraints } from '../../../shared/trust-schemas.js'
import { type Element, element, elements } from './der.js'
import { parseCertificate } from './leaf.js'

export const NAME_CONSTRAINTS = '2.5.29.30'
/** id-ce-nameConstraints, as DER has it */
const OID = Buffer.from([0x55, 0x1d, 0x1e])

const SEQUENCE = 0x30
const PERMITTED = 0xa0
const EXCLUDED = 0xa1
const EXTENSIONS = 0xa3
const OCTET_STRING = 0x04
/** GeneralName, by its tag */
const EMAIL = 0x81
const DNS = 0x82
const URI = 0x86
const ADDRESS = 0x87

/**
 * What a CA may vouch for, from the name constraints of its certificate (RFC 5280 section 4.2.1.10). Null when it has
 * none, and so may vouch for every name. Addresses come out as `127.0.0.0/8`, mail hosts as `email:HOST`, hosts of URIs
 * as `uri:HOST`, other forms of names as `other`.
 *
 * @param pem of the certificate; one that cannot be read has none
 */
export function nameConstraintsOf(pem: string): NameConstraints | null {
  const certificate = parseCertificate(pem)
  const value = certificate === null ? null : extensionOf(certificate)
  if (value === null) return null
  const [sequence] = elements(value)
  const subtrees = (tag: number) =>
    elements(sequence?.content ?? Buffer.alloc(0))
      .filter((one) => one.tag === tag)
      .flatMap(({ content }) => elements(content).flatMap(({ content: subtree }) => elements(subtree).slice(0, 1)))
      .map(baseName)
  return { permitted: subtrees(PERMITTED), excluded: subtrees(EXCLUDED) }
}

/**
 * The value of the extension that permits these and nothing else of their kinds.
 *
 * @param permitted as `nameConstraintsOf` tells them: names of domains, addresses with their prefix, `email:`, `uri:`
 */
export function encodeNameConstraints(permitted: readonly string[]): Buffer {
  const subtrees = permitted.map((name) => element(SEQUENCE, generalName(name)))
  return element(SEQUENCE, element(PERMITTED, ...subtrees))
}

/** `address` as bytes, in network order. @param address IPv4 or IPv6 literal */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = (URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? '::').split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const bytes = Buffer.alloc(16)
  left.forEach((group, index) => {
    bytes.writeUInt16BE(group, index * 2)
  })
  right.forEach((group, index) => {
    bytes.writeUInt16BE(group, 16 - (right.length - index) * 2)
  })
  return bytes
}

/** Certificate, TBSCertificate, its extensions, each an OID, perhaps a flag, and the value (RFC 5280 section 4.1). */
function extensionOf({ raw }: X509Certificate): Buffer | null {
  const body = elements(elements(elements(raw)[0]?.content ?? raw)[0]?.content ?? raw)
  const list = elements(body.find(({ tag }) => tag === EXTENSIONS)?.content ?? Buffer.alloc(0))[0]
  for (const { content } of elements(list?.content ?? Buffer.alloc(0))) {
    const parts = elements(content)
    if (parts[0]?.content.equals(OID)) return parts.find(({ tag }) => tag === OCTET_STRING)?.content ?? null
  }
  return null
}

function baseName({ tag, content }: Element): string {
  if (tag === DNS) return content.toString('latin1')
  if (tag === EMAIL) return `email:${content.toString('latin1')}`
  if (tag === URI) return `uri:${content.toString('latin1')}`
  if (tag === ADDRESS && (content.length === 8 || content.length === 32)) return addressRange(content)
  return 'other'
}

function generalName(name: string): Buffer {
  if (name.startsWith('email:')) return element(EMAIL, Buffer.from(name.slice(6)))
  if (name.startsWith('uri:')) return element(URI, Buffer.from(name.slice(4)))
  const [address, bits] = name.split('/')
  if (bits === undefined) return element(DNS, Buffer.from(name))
  const bytes = addressBytes(address!)
  return element(ADDRESS, bytes, maskOf(Number(bits), bytes.length))
}

function maskOf(bits: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => 0xff & ~(0xff >> Math.min(8, Math.max(0, bits - index * 8)))))
}

/** An address and its mask, of the same length. */
function addressRange(bytes: Buffer): string {
  const half = bytes.length / 2
  const [address, mask] = [bytes.subarray(0, half), bytes.subarray(half)]
  const bits = [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  if (half === 4) return `${[...address].join('.')}/${bits}`
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16)).join(':')
  return `${new URL(`http://[${groups}]`).hostname.slice(1, -1)}/${bits}`
}
