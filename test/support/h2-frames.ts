import { once } from 'node:events'
import tls from 'node:tls'
import type { TestGateway } from './gateway.js'
import { until } from './wait.js'

/** Frame types and flags (RFC 9113 section 6). */
export const FRAME = {
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
export const END_STREAM = 1
export const END_HEADERS = 4

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** An HTTP/2 client that sends whatever frames it is told to, valid or not, and keeps the frames that come back. */
export class FrameClient {
  readonly frames: Frame[] = []
  closed = false
  #rest = Buffer.alloc(0)

  private constructor(readonly socket: tls.TLSSocket) {
    socket.on('data', (chunk) => this.#parse(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
  }

  static async connect(gateway: TestGateway, sni = 'app.localhost'): Promise<FrameClient> {
    const socket = tls.connect({
      port: gateway.httpsPort,
      host: '127.0.0.1',
      ca: gateway.ca,
      servername: sni,
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    const client = new FrameClient(socket)
    socket.write(PREFACE)
    return client.send(FRAME.SETTINGS, 0, 0)
  }

  send(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): this {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head[3] = type
    head[4] = flags
    head.writeUInt32BE(stream, 5)
    this.socket.write(Buffer.concat([head, payload]))
    return this
  }

  /** A HEADERS frame with literal fields, as they are given. */
  headers(stream: number, fields: [string, string][], flags: number = END_STREAM | END_HEADERS): this {
    return this.send(FRAME.HEADERS, flags, stream, encodeFields(fields))
  }

  data(stream: number, text: string, end: boolean): this {
    return this.send(FRAME.DATA, end ? END_STREAM : 0, stream, Buffer.from(text))
  }

  /** How the gateway dealt with a stream: its status, a reset, or the end of the connection. */
  async outcome(stream: number): Promise<'answered' | 'reset' | 'connection ended'> {
    const ended = () => this.closed || this.frames.some(({ type }) => type === FRAME.GOAWAY)
    const of = (type: number) => this.frames.some((frame) => frame.type === type && frame.stream === stream)
    await until(() => ended() || of(FRAME.HEADERS) || of(FRAME.RST_STREAM), `anything about stream ${stream}`)
    if (of(FRAME.HEADERS)) return 'answered'
    return of(FRAME.RST_STREAM) ? 'reset' : 'connection ended'
  }

  /** The error code of the first frame of that type; undefined when none came. */
  errorCode(type: typeof FRAME.RST_STREAM | typeof FRAME.GOAWAY): number | undefined {
    const frame = this.frames.find((one) => one.type === type)
    return frame?.payload.readUInt32BE(type === FRAME.GOAWAY ? 4 : 0)
  }

  /** Text of a stream's DATA so far. */
  body(stream: number): string {
    const data = this.frames.filter((frame) => frame.type === FRAME.DATA && frame.stream === stream)
    return Buffer.concat(data.map(({ payload }) => payload)).toString()
  }

  destroy(): void {
    this.socket.destroy()
  }

  #parse(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < 9 + length) return
      const frame: Frame = {
        type: this.#rest[3] as number,
        flags: this.#rest[4] as number,
        stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
        payload: Buffer.from(this.#rest.subarray(9, 9 + length)),
      }
      this.#rest = this.#rest.subarray(9 + length)
      this.frames.push(frame)
      if (frame.type === FRAME.SETTINGS && (frame.flags & 1) === 0 && !this.closed) this.send(FRAME.SETTINGS, 1, 0)
    }
  }
}

/** HPACK: every field literal, without indexing, without Huffman (RFC 7541 section 6.2.2). */
export function encodeFields(fields: [string, string][]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), encodeText(name), encodeText(value)]))
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
  length.push(rest)
  return Buffer.concat([Buffer.from(length), bytes])
}
