/** Chunks below this are kept as copies, gathered in one: each is a view of what was read, which may be far larger. */
const SMALL = 32 * 1024

/** Received bytes that wait for their reader; they take hardly more memory than they are, in whatever pieces they came. */
export class ByteQueue {
  readonly #chunks: Buffer[] = []
  /** what the last chunk is the beginning of, when more fits behind it */
  #tail: Buffer | null = null

  get empty(): boolean {
    return this.#chunks.length === 0
  }

  add(chunk: Buffer): void {
    const last = this.#chunks.at(-1)
    if (chunk.length >= SMALL) {
      this.#tail = null
      this.#chunks.push(chunk)
    } else if (last !== undefined && last.length + chunk.length <= SMALL) {
      this.#chunks[this.#chunks.length - 1] = this.#append(last, chunk)
    } else {
      this.#tail = null
      this.#chunks.push(Buffer.from(chunk))
    }
  }

  /** The first chunk; undefined when nothing waits. */
  shift(): Buffer | undefined {
    const chunk = this.#chunks.shift()
    if (this.empty) this.#tail = null
    return chunk
  }

  clear(): void {
    this.#chunks.length = 0
    this.#tail = null
  }

  #append(last: Buffer, chunk: Buffer): Buffer {
    const size = last.length + chunk.length
    if (this.#tail === null || this.#tail.length < size) {
      this.#tail = Buffer.allocUnsafeSlow(Math.min(2 * size, SMALL))
      this.#tail.set(last)
    }
    this.#tail.set(chunk, last.length)
    return this.#tail.subarray(0, size)
  }
}
