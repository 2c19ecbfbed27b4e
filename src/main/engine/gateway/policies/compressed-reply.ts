import type { BrotliCompress, Gzip, ZstdCompress } from 'node:zlib'
import type { Exchange } from '../exchange.js'
import type { RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'
import { PassedReply } from './passed-reply.js'

export interface Compressor {
  transform: BrotliCompress | Gzip | ZstdCompress
  /** what makes the compressor give out all that it has */
  flush: number
  /** an event stream: each write is to reach the client at once */
  eachWrite: boolean
}

/** So long a body may pause before what is in the compressor goes out: pages that are written piece by piece go on. */
const PAUSE_MS = 10

/** Compresses the body of an answer, if `begin` wants it when it sees the head. */
export class CompressedReply extends PassedReply {
  readonly #exchange: Exchange
  readonly #begin: (status: number, headers: RawHeaders, bodiless: boolean) => Compressor | null
  #compressor: Compressor | null = null
  readonly #drained: (() => void)[] = []
  #pause: NodeJS.Timeout | null = null
  #unflushed = false
  #sent = 0
  #ended = false

  /** @param begin is given status and fields of the answer, which it may change; null leaves the body as it is */
  constructor(
    next: Reply,
    exchange: Exchange,
    begin: (status: number, headers: RawHeaders, bodiless: boolean) => Compressor | null,
  ) {
    super(next)
    this.#exchange = exchange
    this.#begin = begin
  }

  override get pendingBytes(): number {
    return this.next.pendingBytes + (this.#compressor?.transform.writableLength ?? 0)
  }

  override head(
    status: number,
    reason: string,
    headers: RawHeaders,
    options: { bodiless: boolean; trailers: boolean },
  ): void {
    this.#compressor = this.#begin(status, headers, options.bodiless)
    this.next.head(status, reason, headers, options)
    if (this.#compressor !== null) this.#connect(this.#compressor)
  }

  override write(chunk: Uint8Array): boolean {
    const compressor = this.#compressor
    if (compressor === null) return this.next.write(chunk)
    const room = compressor.transform.write(chunk)
    if (compressor.eachWrite) compressor.transform.flush(compressor.flush)
    else this.#flushSoon(compressor)
    return room
  }

  override onDrain(listener: () => void): void {
    this.#drained.push(listener)
    if (this.#compressor === null) this.next.onDrain(listener)
    else this.#compressor.transform.on('drain', listener)
  }

  override end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    const compressor = this.#compressor
    if (compressor === null) {
      this.next.end(chunk, trailers)
      return
    }
    this.#ended = true
    if (this.#pause !== null) clearTimeout(this.#pause)
    compressor.transform.once('end', () => {
      this.#exchange.bytesOut = this.#sent
      this.next.end(undefined, trailers)
    })
    if (chunk === undefined) compressor.transform.end()
    else compressor.transform.end(chunk)
  }

  override destroy(resetCode?: number): void {
    this.#compressor?.transform.destroy()
    this.next.destroy(resetCode)
  }

  #connect({ transform }: Compressor): void {
    const { next } = this
    transform.on('data', (chunk: Buffer) => {
      this.#sent += chunk.length
      if (!next.write(chunk)) transform.pause()
    })
    next.onDrain(() => transform.resume())
    for (const listener of this.#drained) transform.on('drain', listener)
    transform.on('error', () => this.destroy())
    void next.closed.then(() => {
      if (this.#pause !== null) clearTimeout(this.#pause)
      transform.destroy()
    })
  }

  /** One timer at most, set anew only after it has struck. */
  #flushSoon({ transform, flush }: Compressor): void {
    this.#unflushed = true
    if (this.#pause !== null) return
    const look = () => {
      this.#pause = null
      if (this.#ended || !this.#unflushed || transform.destroyed) return
      this.#unflushed = false
      transform.flush(flush)
    }
    this.#pause = setTimeout(look, PAUSE_MS)
  }
}
