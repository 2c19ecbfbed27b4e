/** Frame types and flags of RFC 9113 section 6. */
export const TYPE = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const
export const FLAG = { END_STREAM: 1, ACK: 1, END_HEADERS: 4, PADDED: 8, PRIORITY: 32 } as const

/** What a client says first (RFC 9113 section 3.4). */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const uint32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}

/** A setting is a 16-bit identifier and a 32-bit value. */
export function settings(...pairs: [id: number, value: number][]): Buffer {
  const payload = Buffer.concat(
    pairs.map(([id, value]) => {
      const one = Buffer.alloc(6)
      one.writeUInt16BE(id, 0)
      one.writeUInt32BE(value >>> 0, 2)
      return one
    }),
  )
  return frame(TYPE.SETTINGS, 0, 0, payload)
}
export const INITIAL_WINDOW_SIZE = 4

/** An HPACK integer with a prefix of so many bits (RFC 7541 section 5.1). */
function integer(value: number, bits: number, lead: number): number[] {
  const most = (1 << bits) - 1
  if (value < most) return [lead | value]
  const out = [lead | most]
  let rest = value - most
  while (rest >= 128) {
    out.push((rest & 127) | 128)
    rest >>>= 7
  }
  return [...out, rest]
}

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from(integer(value.length, 7, 0)), Buffer.from(value, 'latin1')])

/** A literal field without indexing, its name spelt out (RFC 7541 section 6.2.2). */
export const literal = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0]), text(name), text(value)])

/** A literal field that enters the dynamic table (RFC 7541 section 6.2.1). */
export const indexedLiteral = (name: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0x40]), text(name), text(value)])

/** A reference into the tables; 62 is the newest entry of the dynamic one. */
export const reference = (index: number): Buffer => Buffer.from(integer(index, 7, 0x80))

/** The pseudo-header fields of a request. */
export const request = (path = '/', method = 'GET', host = 'app.localhost'): Buffer =>
  Buffer.concat([
    literal(':method', method),
    literal(':scheme', 'https'),
    literal(':authority', host),
    literal(':path', path),
  ])

/** A complete GET on a stream. */
export const get = (stream: number, path = '/'): Buffer =>
  frame(TYPE.HEADERS, FLAG.END_HEADERS | FLAG.END_STREAM, stream, request(path))
