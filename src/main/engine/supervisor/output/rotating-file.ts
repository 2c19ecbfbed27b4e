import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

const MAX_FILE_BYTES = 10_000_000
/** `app.log.1` is the latest of the full ones. */
const FULL_FILES = 5
/** A slow disk must not fill the memory. */
const MAX_QUEUED_CHARACTERS = 4 * 1024 * 1024
const RETRY_MS = 10_000

export interface RotationLimits {
  maxBytes: number
  files: number
}

/**
 * A file that lines are appended to. When it is full it is renamed, and the oldest of those is removed. What goes wrong,
 * as on a full disk, is told once, and tried again later; what cannot be written is left out.
 */
export class RotatingFile {
  readonly #file: string
  readonly #onTrouble: (sentence: string) => void
  readonly #limits: RotationLimits
  #queue: string[] = []
  #queuedCharacters = 0
  #handle: FileHandle | null = null
  #size = 0
  #writing: Promise<void> | null = null
  #failedAt = Number.NEGATIVE_INFINITY
  #told = false

  /** @param onTrouble is told what is wrong, in a sentence */
  constructor(
    file: string,
    onTrouble: (sentence: string) => void,
    limits: RotationLimits = { maxBytes: MAX_FILE_BYTES, files: FULL_FILES },
  ) {
    this.#file = file
    this.#onTrouble = onTrouble
    this.#limits = limits
  }

  append(text: string): void {
    if (this.#queuedCharacters > MAX_QUEUED_CHARACTERS) return
    if (this.#failedAt + RETRY_MS > performance.now()) return
    this.#queue.push(text)
    this.#queuedCharacters += text.length
    this.#writing ??= this.#writeAll()
  }

  /** Resolves when all is written, or has failed to be. */
  async close(): Promise<void> {
    await this.#writing
    await this.#closeFile().catch((error: unknown) => this.#fail(error))
  }

  async #writeAll(): Promise<void> {
    // Lines that come in the same moment are written together.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      const data = Buffer.from(this.#queue.join(''))
      this.#queue = []
      this.#queuedCharacters = 0
      try {
        await this.#write(data)
        this.#told = false
      } catch (error) {
        await this.#fail(error)
      }
    }
    this.#writing = null
  }

  async #write(data: Buffer): Promise<void> {
    this.#handle ??= await this.#open()
    if (this.#size > 0 && this.#size + data.length > this.#limits.maxBytes) {
      await this.#rotate()
      this.#handle = await this.#open()
    }
    await this.#handle.appendFile(data)
    this.#size += data.length
  }

  async #open(): Promise<FileHandle> {
    await mkdir(path.dirname(this.#file), { recursive: true })
    // What processes print holds secrets at times.
    const handle = await open(this.#file, 'a', 0o600)
    this.#size = (await handle.stat()).size
    return handle
  }

  async #rotate(): Promise<void> {
    await this.#closeFile()
    await rm(`${this.#file}.${this.#limits.files}`, { force: true })
    for (let number = this.#limits.files - 1; number >= 0; number--) {
      const from = number === 0 ? this.#file : `${this.#file}.${number}`
      await rename(from, `${this.#file}.${number + 1}`).catch(ignoreMissing)
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#failedAt = performance.now()
    this.#queue = []
    this.#queuedCharacters = 0
    await this.#closeFile().catch(() => {}) // the first reason is the one to tell
    if (this.#told) return
    this.#told = true
    const reason = error instanceof Error ? error.message : String(error)
    this.#onTrouble(`the output cannot be written to ${this.#file}: ${reason}`)
  }

  async #closeFile(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
