import { constants, type ServerHttp2Stream } from 'node:http2'
import type { RawHeaders } from './headers.js'
import type { Reply } from './reply.js'

/** Replies on one HTTP/2 stream, by the core stream API: the compat objects cost a third of the throughput. */
export class Http2Reply implements Reply {
  readonly lowerCaseNames = true
  readonly closed: Promise<void>
  /** this side broke the stream off, not the client */
  broken = false
  sentTrailers: RawHeaders | null = null
  readonly #stream: ServerHttp2Stream
  #trailers: RawHeaders | null = null
  #wantsTrailers = false
  #bodiless = false

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
    this.closed = new Promise((resolve) => stream.on('close', resolve))
    stream.on('error', ignoreWriteAfterGone)
  }

  get headersSent(): boolean {
    return this.#stream.headersSent
  }

  get gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  get pendingBytes(): number {
    return this.#stream.writableLength
  }

  /** One bad request says nothing about the other streams of its connection. */
  closeAfter(): void {}

  informational(status: 100 | 103, headers: RawHeaders): void {
    if (this.headersSent || this.gone) return
    this.#stream.additionalHeaders(fieldRecord([':status', String(status), ...headers]))
  }

  head(
    status: number,
    _reason: string,
    headers: RawHeaders,
    { bodiless, trailers }: { bodiless: boolean; trailers: boolean },
  ): void {
    if (this.gone) return
    this.#bodiless = bodiless
    this.#wantsTrailers = trailers && !bodiless
    if (this.#wantsTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers())
    this.#stream.respond([':status', String(status), ...headers], {
      endStream: bodiless,
      waitForTrailers: this.#wantsTrailers,
    })
  }

  write(chunk: Uint8Array): boolean {
    return this.gone || this.#stream.write(chunk)
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener)
  }

  end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    if (this.gone) return
    this.#trailers = trailers ?? null
    if (this.#bodiless) this.#stream.end()
    else if (chunk === undefined || chunk.length === 0)
      this.#stream.end() // an empty last chunk would keep the stream open
    else this.#stream.end(chunk)
  }

  destroy(resetCode: number = constants.NGHTTP2_INTERNAL_ERROR): void {
    this.broken = true
    if (!this.#stream.destroyed) this.#stream.close(resetCode)
  }

  #sendTrailers(): void {
    if (this.#stream.destroyed) return
    try {
      this.#stream.sendTrailers(fieldRecord(this.#trailers ?? []))
      this.sentTrailers = this.#trailers
    } catch {
      this.destroy() // trailers that HTTP/2 cannot carry: the answer is not whole without them
    }
  }
}

/** Interim responses and trailers go as records. It has no prototype, so that `__proto__` is a field like any other. */
export function fieldRecord(raw: RawHeaders): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null)
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase()
    const before = fields[name]
    fields[name] = before === undefined ? (raw[i + 1] as string) : [before, raw[i + 1] as string].flat()
  }
  return fields
}

/** The error is the client's going away, which `closed` reports. */
function ignoreWriteAfterGone(): void {}
