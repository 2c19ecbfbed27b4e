import { performance } from 'node:perf_hooks'
import type { RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'
import { PassedReply } from './passed-reply.js'

/** Bytes that may wait here before the backend is told to pause. */
const QUEUE_BYTES = 64 * 1024
const TICK_MS = 25

/** Lets the body of an answer through at so many bytes a second. */
export class ThrottledReply extends PassedReply {
  readonly #bytesPerMs: number
  readonly #queue: Uint8Array[] = []
  readonly #drained: (() => void)[] = []
  #queued = 0
  #timer: NodeJS.Timeout | null = null
  /** bytes that may go now */
  #allowance = 0
  #allowedAt = performance.now()
  #blocked = false
  #end: { trailers: RawHeaders | undefined } | null = null

  /** @param bandwidth bytes a second */
  constructor(next: Reply, bandwidth: number) {
    super(next)
    this.#bytesPerMs = bandwidth / 1_000
    next.onDrain(() => {
      this.#blocked = false
      this.#schedule()
    })
    void next.closed.then(() => this.#stop())
  }

  override get pendingBytes(): number {
    return this.next.pendingBytes + this.#queued
  }

  override write(chunk: Uint8Array): boolean {
    this.#take(chunk)
    return this.#queued < QUEUE_BYTES
  }

  override onDrain(listener: () => void): void {
    this.#drained.push(listener)
  }

  override end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    this.#end = { trailers }
    if (chunk !== undefined) this.#take(chunk)
    this.#finish()
  }

  override destroy(resetCode?: number): void {
    this.#stop()
    this.next.destroy(resetCode)
  }

  #take(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    // The buffers of a backend's answer are used again once they have been passed on.
    this.#queue.push(Uint8Array.prototype.slice.call(chunk))
    this.#queued += chunk.length
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer === null && !this.#blocked && this.#queued > 0) this.#timer = setTimeout(this.#send, TICK_MS)
  }

  readonly #send = (): void => {
    this.#timer = null
    const now = performance.now()
    // What was not used while nothing was there to be sent is not saved up.
    const most = Math.max(1, this.#bytesPerMs * 2 * TICK_MS)
    this.#allowance = Math.min(most, this.#allowance + (now - this.#allowedAt) * this.#bytesPerMs)
    this.#allowedAt = now
    const full = this.#queued >= QUEUE_BYTES
    while (this.#allowance >= 1 && this.#queue.length > 0 && !this.#blocked) this.#sendPart()
    if (full && this.#queued < QUEUE_BYTES) for (const listener of this.#drained) listener()
    this.#schedule()
    this.#finish()
  }

  #sendPart(): void {
    const chunk = this.#queue[0] as Uint8Array
    const part = chunk.subarray(0, Math.floor(this.#allowance))
    if (part.length === chunk.length) this.#queue.shift()
    else this.#queue[0] = chunk.subarray(part.length)
    this.#allowance -= part.length
    this.#queued -= part.length
    this.#blocked = !this.next.write(part)
  }

  #finish(): void {
    if (this.#end === null || this.#queued > 0) return
    const { trailers } = this.#end
    this.#end = null
    this.next.end(undefined, trailers)
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#blocked = true
    this.#queue.length = 0
    this.#queued = 0
    this.#end = null
  }
}
