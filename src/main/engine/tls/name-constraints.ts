import type { NameConstraints } from '../../../shared/trust-schemas.js'

const OID = '2.5.29.30'

/**
 * What a CA may vouch for, from the name constraints of its certificate (RFC 5280 section 4.2.1.10). Null when it has
 * none, and so may vouch for every name. Addresses come out as `127.0.0.0/8`; forms of names that are neither DNS names
 * nor addresses as `other`.
 */
export async function nameConstraintsOf(pem: string): Promise<NameConstraints | null> {
  const { X509Certificate } = await import('@peculiar/x509')
  const extension = new X509Certificate(pem).getExtension(OID)
  if (extension === null) return null
  const [sequence] = elements(Buffer.from(extension.value))
  const subtrees = (tag: number) =>
    elements(sequence?.content ?? Buffer.alloc(0))
      .filter((one) => one.tag === tag)
      .flatMap(({ content }) => elements(content).flatMap(({ content: subtree }) => elements(subtree).slice(0, 1)))
      .map(baseName)
  return { permitted: subtrees(0xa0), excluded: subtrees(0xa1) }
}

interface Element {
  tag: number
  content: Buffer
}

/** DER elements one after the other (X.690 section 8.1); it ends at what is none. */
function elements(der: Buffer): Element[] {
  const found: Element[] = []
  for (let at = 0; at + 2 <= der.length; ) {
    const tag = der[at]!
    const first = der[at + 1]!
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f
    if (lengthBytes > 4 || at + 2 + lengthBytes > der.length) break
    const length = lengthBytes === 0 ? first : der.readUIntBE(at + 2, lengthBytes)
    const begin = at + 2 + lengthBytes
    found.push({ tag, content: der.subarray(begin, begin + length) })
    at = begin + length
  }
  return found
}

/** GeneralName: [2] dNSName, [7] iPAddress with its mask. */
function baseName({ tag, content }: Element): string {
  if (tag === 0x82) return content.toString('latin1')
  if (tag === 0x87 && (content.length === 8 || content.length === 32)) return addressRange(content)
  return 'other'
}

function addressRange(bytes: Buffer): string {
  const half = bytes.length / 2
  const [address, mask] = [bytes.subarray(0, half), bytes.subarray(half)]
  const bits = [...mask].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)
  if (half === 4) return `${[...address].join('.')}/${bits}`
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16)).join(':')
  return `${new URL(`http://[${groups}]`).hostname.slice(1, -1)}/${bits}`
}
