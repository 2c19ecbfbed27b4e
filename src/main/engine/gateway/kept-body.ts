/** The beginning of an answer's body, in memory. */
export class KeptBody {
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #bytes = 0

  /** @param maxBytes kept at most; what comes after them is forgotten */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(chunk: Buffer): void {
    if (this.#bytes < this.#maxBytes) this.#chunks.push(Buffer.from(chunk))
    this.#bytes += chunk.length
  }

  content(): Buffer {
    return Buffer.concat(this.#chunks).subarray(0, this.#maxBytes)
  }
}
