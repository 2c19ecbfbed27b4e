import { once } from 'node:events'
import tls from 'node:tls'
import type { Reachable } from '../gateway.js'

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

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

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

/** A TLS connection that speaks HTTP/2 frames by hand: it counts what comes back and answers nothing by itself. */
export class FrameClient {
  /** frames received, by type */
  readonly received: number[] = []
  goawayCode: number | null = null
  #pending = Buffer.alloc(0)

  private constructor(readonly socket: tls.TLSSocket) {
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#read(chunk))
  }

  /** Connects, and sends the preface with the given settings. */
  static async connect(gateway: Reachable, first: Buffer = settings(), host = 'app.localhost'): Promise<FrameClient> {
    const socket = tls.connect({
      port: gateway.httpsPort,
      host: '127.0.0.1',
      ca: gateway.ca,
      servername: host,
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    const client = new FrameClient(socket)
    client.send(Buffer.concat([PREFACE, first, frame(TYPE.SETTINGS, FLAG.ACK, 0)]))
    return client
  }

  get closed(): boolean {
    return this.socket.destroyed || this.socket.readableEnded
  }

  count(type: number): number {
    return this.received[type] ?? 0
  }

  send(bytes: Buffer): boolean {
    return this.socket.writable && this.socket.write(bytes)
  }

  /**
   * Sends batches until the gateway ends the connection, or `most` have been sent. Waits for the socket to drain, as an
   * attacker limited by the network would.
   *
   * @returns how many batches were sent
   */
  async flood(batch: (round: number) => Buffer, most: number): Promise<number> {
    for (let round = 0; round < most; round++) {
      if (this.closed || !this.socket.writable) return round
      if (this.send(batch(round))) await new Promise((resolve) => setImmediate(resolve))
      else await this.#drained()
    }
    return most
  }

  destroy(): void {
    this.socket.destroy()
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => this.socket.once('drain', resolve).once('close', resolve))
  }

  #read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    while (this.#pending.length >= 9) {
      const length = this.#pending.readUIntBE(0, 3)
      if (this.#pending.length < 9 + length) return
      const type = this.#pending.readUInt8(3)
      this.received[type] = this.count(type) + 1
      if (type === TYPE.GOAWAY) this.goawayCode = this.#pending.readUInt32BE(9 + 4)
      this.#pending = this.#pending.subarray(9 + length)
    }
  }
}
