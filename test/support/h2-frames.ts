import { once } from 'node:events'
import tls from 'node:tls'
import type { TestGateway } from './gateway.js'
import { FLAG, frame, literal, PREFACE, TYPE } from './h2-wire.js'
import { until } from './wait.js'

export { TYPE as FRAME } from './h2-wire.js'
export const { END_STREAM, END_HEADERS } = FLAG

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

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
    return client.send(TYPE.SETTINGS, 0, 0)
  }

  send(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): this {
    this.socket.write(frame(type, flags, stream, payload))
    return this
  }

  /** A HEADERS frame with literal fields, as they are given. */
  headers(stream: number, fields: [string, string][], flags: number = END_STREAM | END_HEADERS): this {
    return this.send(TYPE.HEADERS, flags, stream, encodeFields(fields))
  }

  data(stream: number, text: string, end: boolean): this {
    return this.send(TYPE.DATA, end ? END_STREAM : 0, stream, Buffer.from(text))
  }

  /** How the gateway dealt with a stream: its status, a reset, or the end of the connection. */
  async outcome(stream: number): Promise<'answered' | 'reset' | 'connection ended'> {
    const ended = () => this.closed || this.frames.some(({ type }) => type === TYPE.GOAWAY)
    const of = (type: number) => this.frames.some((frame) => frame.type === type && frame.stream === stream)
    await until(() => ended() || of(TYPE.HEADERS) || of(TYPE.RST_STREAM), `anything about stream ${stream}`)
    if (of(TYPE.HEADERS)) return 'answered'
    return of(TYPE.RST_STREAM) ? 'reset' : 'connection ended'
  }

  /** The error code of the first frame of that type; undefined when none came. */
  errorCode(type: typeof TYPE.RST_STREAM | typeof TYPE.GOAWAY): number | undefined {
    const frame = this.frames.find((one) => one.type === type)
    return frame?.payload.readUInt32BE(type === TYPE.GOAWAY ? 4 : 0)
  }

  /** Text of a stream's DATA so far. */
  body(stream: number): string {
    const data = this.frames.filter((frame) => frame.type === TYPE.DATA && frame.stream === stream)
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
      if (frame.type === TYPE.SETTINGS && (frame.flags & 1) === 0 && !this.closed) this.send(TYPE.SETTINGS, 1, 0)
    }
  }
}

/** HPACK: every field literal, without indexing, without Huffman (RFC 7541 section 6.2.2). */
export function encodeFields(fields: [string, string][]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)))
}
