import { MAX_MESSAGE } from './frames.js'

/** Messages below this get a buffer of their own size. */
const SMALL = 32 * 1024
/** As many as wait in a socket at once. */
const KEPT = 3

/** Buffers of data messages, used again when the socket has taken them: new ones would be most of a transfer's garbage. */
export class FrameBuffers {
  readonly #free: Buffer[] = []

  /** @returns a buffer with room for a message of that size, in bytes */
  take(size: number): Buffer {
    if (size < SMALL) return Buffer.allocUnsafe(size)
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(MAX_MESSAGE)
  }

  /** @param buffer was taken here, and nobody reads it any more */
  giveBack(buffer: Buffer): void {
    if (buffer.length === MAX_MESSAGE && this.#free.length < KEPT) this.#free.push(buffer)
  }
}
