import { Duplex } from 'node:stream'
import type { Bandwidth } from './bandwidth.js'

/** Another duplex whose bytes pass no faster, both ways together, than a bucket allows. */
export class Throttled extends Duplex {
  readonly #inner: Duplex
  readonly #bandwidth: Bandwidth
  readonly #timers = new Set<NodeJS.Timeout>()
  /** a chunk that was read waits for its bytes */
  #holding = false
  /** its end came while its last chunk waited */
  #ended = false

  constructor(inner: Duplex, bandwidth: Bandwidth) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1, writableHighWaterMark: 1 })
    this.#inner = inner
    this.#bandwidth = bandwidth
    inner.on('data', (chunk: Buffer) => this.#take(chunk))
    inner.pause()
    inner.on('end', () => {
      this.#ended = true
      if (!this.#holding) this.push(null)
    })
    inner.on('error', (error) => this.destroy(error))
    inner.on('close', () => {
      if (!inner.readableEnded || !inner.writableFinished) this.destroy()
    })
  }

  override _read(): void {
    if (!this.#holding) this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    this.#later(chunk.length, () => this.#inner.write(chunk, written))
  }

  override _final(finished: (error?: Error | null) => void): void {
    this.#inner.end(() => finished())
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    if (!this.#inner.destroyed) this.#inner.destroy(error ?? undefined)
    callback(error)
  }

  #take(chunk: Buffer): void {
    this.#inner.pause()
    this.#holding = true
    this.#later(chunk.length, () => {
      this.#holding = false
      const more = this.push(chunk)
      if (this.#ended) this.push(null)
      else if (more) this.#inner.resume()
    })
  }

  #later(bytes: number, work: () => void): void {
    const wait = this.#bandwidth.take(bytes)
    if (wait === 0) {
      work()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, wait)
    this.#timers.add(timer)
  }
}
