/** A ClientHello by hand: what no TLS library would send. */
export interface HelloOptions {
  /** raw bytes of the server name; null leaves the extension out */
  sni?: Buffer | null
  /** raw protocol names */
  alpn?: Buffer[] | null
  suites?: number[]
  /** what supported_versions offers */
  versions?: number[]
}

const u8 = (value: number) => Buffer.from([value & 255])
const u16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255])
const u24 = (value: number) => Buffer.from([(value >> 16) & 255, (value >> 8) & 255, value & 255])
const with8 = (body: Buffer) => Buffer.concat([u8(body.length), body])
const with16 = (body: Buffer) => Buffer.concat([u16(body.length), body])
const extension = (id: number, body: Buffer) => Buffer.concat([u16(id), with16(body)])

/** RFC 8446 section 4.1.2, offered in TLS 1.2 form, in one record. */
export function clientHello({
  sni = Buffer.from('app.localhost'),
  alpn = [Buffer.from('http/1.1')],
  suites = [0xc02b, 0xc02f, 0xc02c, 0xc030],
  versions = [0x0303],
}: HelloOptions = {}): Buffer {
  const extensions = [
    extension(10, with16(Buffer.concat([u16(29), u16(23)]))),
    extension(11, with8(u8(0))),
    extension(13, with16(Buffer.concat([u16(0x0403), u16(0x0804), u16(0x0401)]))),
    extension(43, with8(Buffer.concat(versions.map(u16)))),
  ]
  if (sni !== null) extensions.push(extension(0, with16(Buffer.concat([u8(0), with16(sni)]))))
  if (alpn !== null) extensions.push(extension(16, with16(Buffer.concat(alpn.map(with8)))))
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    with8(Buffer.alloc(0)),
    with16(Buffer.concat(suites.map(u16))),
    with8(u8(0)),
    with16(Buffer.concat(extensions)),
  ])
  const handshake = Buffer.concat([u8(1), u24(body.length), body])
  return Buffer.concat([u8(0x16), u16(0x0301), with16(handshake)])
}

/** What the first record of an answer is. */
export function firstRecord(answer: Buffer): 'handshake' | 'alert' | 'http' | 'nothing' {
  if (answer.length === 0) return 'nothing'
  if (answer[0] === 0x16) return 'handshake'
  return answer[0] === 0x15 ? 'alert' : 'http'
}
