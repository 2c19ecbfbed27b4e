/** As much of DER (X.690) as name constraints take. */

export interface Element {
  tag: number
  content: Buffer
}

/** Elements one after the other (section 8.1); it ends at what is none. */
export function elements(der: Buffer): Element[] {
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

/** One element, its length in as few bytes as possible (section 10.1). */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content])
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}
