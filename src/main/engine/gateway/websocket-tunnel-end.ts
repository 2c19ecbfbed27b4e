import { performance } from 'node:perf_hooks'
import { Duplex } from 'node:stream'

/** What a tunnel has carried. */
export interface TunnelMeter {
  bytesIn: number
  bytesOut: number
}

/**
 * Stands for the client towards http-proxy-3, which takes it for the client's socket: it pipes the backend into it and
 * out of it, writes a head of its own making to it, and destroys it on errors. So the client itself is never touched
 * but by frames and by the end of either half. Reading starts at once, so that a client that leaves before the backend
 * has answered is noticed.
 */
export class TunnelEnd extends Duplex {
  /** when something last moved either way, in performance.now() milliseconds */
  lastTraffic = performance.now()
  /** the client has ended its half, or is gone altogether */
  clientEnded = false
  readonly #client: Duplex
  readonly #meter: TunnelMeter
  readonly #onClientEnded: () => void
  #headSwallowed = false
  #whenDrained: (() => void) | null = null

  /** @param onClientEnded called when the client has ended its half or is gone, as soon as that can be known */
  constructor(client: Duplex, meter: TunnelMeter, onClientEnded: () => void) {
    super({ allowHalfOpen: true })
    this.#client = client
    this.#meter = meter
    this.#onClientEnded = onClientEnded
    client.on('data', this.#onData)
    client.on('end', this.#onEnd)
    client.on('close', this.#onEnd)
    client.on('drain', this.#onDrain)
  }

  override _read(): void {
    this.#client.resume()
  }

  /** The first write is http-proxy-3's 101 head, in one piece; the client has got the gateway's own by then. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (!this.#headSwallowed) {
      this.#headSwallowed = true
      callback()
      return
    }
    this.#meter.bytesOut += chunk.length
    this.lastTraffic = performance.now()
    if (this.#client.write(chunk)) callback()
    else this.#whenDrained = callback
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#client.end(() => callback())
  }

  /** Takes nothing more from either side; what has been taken still goes out, and the ends behind it. */
  finish(): void {
    this.#detach()
    this.#client.resume()
    this.push(null)
    this.end()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#detach()
    this.#client.off('drain', this.#onDrain)
    this.#client.resume() // what a refused client still sends goes nowhere, and its going away is still noticed
    callback(error)
  }

  // http-proxy-3 calls these on what it believes to be a socket; the client's is set up by the gateway.
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  destroySoon(): void {
    this.destroy()
  }

  #detach(): void {
    this.#client.off('data', this.#onData)
    this.#client.off('end', this.#onEnd)
    this.#client.off('close', this.#onEnd)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#meter.bytesIn += chunk.length
    this.lastTraffic = performance.now()
    if (!this.push(chunk)) this.#client.pause()
  }

  readonly #onEnd = (): void => {
    if (this.clientEnded) return
    this.clientEnded = true
    this.push(null)
    this.#onClientEnded()
  }

  readonly #onDrain = (): void => {
    const resume = this.#whenDrained
    this.#whenDrained = null
    this.lastTraffic = performance.now()
    resume?.()
  }
}
