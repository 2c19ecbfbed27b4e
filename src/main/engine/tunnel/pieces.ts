/** Bytes that are to be sent, in the pieces in which they were written. */
export class Pieces {
  /** bytes that are left */
  size = 0
  #chunks: Buffer[] = []

  /** Takes the place of what was there. */
  set(chunks: Buffer[]): void {
    this.#chunks = chunks
    this.size = chunks.reduce((sum, { length }) => sum + length, 0)
  }

  /** Takes out so many bytes, which are there. */
  take(size: number): readonly Buffer[] {
    this.size -= size
    if (this.size === 0) return this.#chunks.splice(0)
    const taken: Buffer[] = []
    for (let left = size; left > 0; ) {
      const [first] = this.#chunks as [Buffer]
      const piece = first.subarray(0, left)
      taken.push(piece)
      left -= piece.length
      if (piece.length === first.length) this.#chunks.shift()
      else this.#chunks[0] = first.subarray(piece.length)
    }
    return taken
  }
}
