import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { Fault } from '../../../../shared/fault.js'
import type { ByteRange } from './range.js'

/** What a body is made of: literal bytes, or a range of the file. */
export type Slice = Buffer | ByteRange

const CHUNK = 128 * 1024

/**
 * Streams slices of an open file and owns its handle: closed at the end, on error and on destroy. The length is fixed
 * when the stream is made; a file that grows meanwhile is cut there, and one that shrinks destroys the stream with a
 * Fault, so that a promised Content-Length never ends early without notice.
 */
export class FileSlices extends Readable {
  #index = 0
  #offset = 0
  #reading: Promise<void> = Promise.resolve()

  /**
   * @param handle an open regular file
   * @param slices sent in this order
   */
  constructor(
    private readonly handle: FileHandle,
    private readonly slices: readonly Slice[],
  ) {
    super({ highWaterMark: CHUNK })
  }

  override _read(): void {
    this.#reading = this.#next().then(
      (chunk) => void (this.destroyed || this.push(chunk)),
      (error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))),
    )
  }

  /** Closing a descriptor under a running read could let that read hit another file that got the same number. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#reading
      .then(() => this.handle.close())
      .then(
        () => callback(error),
        (failure: Error) => callback(error ?? failure),
      )
  }

  async #next(): Promise<Buffer | null> {
    const slice = this.slices[this.#index]
    if (slice === undefined) return null
    if (Buffer.isBuffer(slice)) {
      this.#index++
      return slice
    }
    const position = slice.start + this.#offset
    const chunk = await readAt(this.handle, position, Math.min(CHUNK, slice.end + 1 - position))
    this.#offset += chunk.length
    if (slice.start + this.#offset > slice.end) {
      this.#index++
      this.#offset = 0
    }
    return chunk
  }
}

/**
 * Reads between 1 and `length` bytes (all of them, unless the file system returns less at a time).
 * @throws Fault `conflict` when the file ends before `position`
 */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position)
  if (bytesRead === 0) throw truncated()
  return buffer.subarray(0, bytesRead)
}

/**
 * Reads a whole range into memory.
 * @throws Fault `conflict` when the file has become shorter than that
 */
export async function readRange(handle: FileHandle, { start, end }: ByteRange): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let position = start; position <= end; ) {
    const chunk = await readAt(handle, position, end + 1 - position)
    chunks.push(chunk)
    position += chunk.length
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function truncated(): Fault {
  return new Fault('conflict', 'the file became shorter while it was being sent', 'Request it again.')
}
