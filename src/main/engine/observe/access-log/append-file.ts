import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { packLatest, turnOver } from './file-generations.js'

export interface Rotation {
  maxBytes: number
  /** milliseconds since the file was made; null for any age */
  maxAgeMs: number | null
  /** full files that are kept */
  keep: number
  gzip: boolean
}

/** How often it is looked whether the file is still the one with this name. */
const LOOK_MS = 1_000

/**
 * A file that whole lines are appended to, one call at a time. It is turned over when it is full or old. Somebody who
 * renames or removes it, as logrotate does, gets a new one within a second.
 */
export class AppendFile {
  rotation: Rotation
  readonly #file: string
  #handle: FileHandle | null = null
  #size = 0
  #bornAt = 0
  #lookedAt = 0
  #packing: Promise<void> = Promise.resolve()

  /** @param file absolute */
  constructor(file: string, rotation: Rotation) {
    this.#file = file
    this.rotation = rotation
  }

  /** Writes lines as a whole or, when it throws, not at all, as far as the disk lets a part be taken back. */
  async append(data: Buffer): Promise<void> {
    if (this.#handle !== null && performance.now() - this.#lookedAt > LOOK_MS) await this.#look(this.#handle)
    this.#handle ??= await this.#open()
    if (this.#isFull(data.length)) {
      await this.#rotate()
      this.#handle ??= await this.#open()
    }
    const handle = this.#handle
    try {
      await handle.appendFile(data)
      this.#size += data.length
    } catch (error) {
      await handle.truncate(this.#size).catch(() => {}) // the first reason is the one to tell
      await this.close().catch(() => {})
      throw error
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
    await this.#packing
  }

  async #open(): Promise<FileHandle> {
    await mkdir(path.dirname(this.#file), { recursive: true })
    // Requests say a lot about who made them.
    const handle = await open(this.#file, 'a', 0o600)
    const { size, birthtimeMs, mtimeMs } = await handle.stat()
    this.#size = size
    this.#bornAt = birthtimeMs > 0 ? birthtimeMs : mtimeMs
    this.#lookedAt = performance.now()
    return handle
  }

  async #look(handle: FileHandle): Promise<void> {
    this.#lookedAt = performance.now()
    const own = await handle.stat()
    const named = await stat(this.#file).catch(() => null)
    this.#size = own.size
    if (named !== null && named.ino === own.ino && named.dev === own.dev) return
    this.#handle = null
    await handle.close()
  }

  #isFull(more: number): boolean {
    if (this.#size === 0) return false
    const { maxBytes, maxAgeMs } = this.rotation
    return this.#size + more > maxBytes || (maxAgeMs !== null && Date.now() - this.#bornAt > maxAgeMs)
  }

  async #rotate(): Promise<void> {
    await this.#packing
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
    const { keep, gzip } = this.rotation
    await turnOver(this.#file, keep)
    // What cannot be packed stays as it is.
    if (gzip && keep > 0) this.#packing = packLatest(this.#file).catch(() => {})
  }
}
