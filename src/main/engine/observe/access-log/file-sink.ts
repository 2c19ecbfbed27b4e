import { setTimeout as delay } from 'node:timers/promises'
import { AppendFile, type Rotation } from './append-file.js'
import { type LineSink, MAX_QUEUED_CHARACTERS } from './line-sink.js'

/** Lines that come within this time are written together. */
const GATHER_MS = 50
const RETRY_MS = 1_000
const BATCH_CHARACTERS = 256 * 1024

export interface FileSinkOptions {
  /** `trouble` has changed */
  changed: () => void
  /** milliseconds after which what failed is tried again */
  retryMs?: number
  maxQueued?: number
  /** when the writer that had the file before has let it go */
  after?: Promise<void>
}

/**
 * The one writer of a log file. What goes wrong, as on a full disk, keeps the lines waiting, so many as fit into a bounded
 * queue; the others are counted.
 */
export class FileSink implements LineSink {
  dropped = 0
  trouble: string | null = null
  readonly #file: string
  readonly #append: AppendFile
  readonly #options: Required<FileSinkOptions>
  #queue: string[] = []
  #queued = 0
  #writing: Promise<void> | null = null
  #hurry: AbortController | null = null
  #closed = false

  constructor(file: string, rotation: Rotation, options: FileSinkOptions) {
    this.#file = file
    this.#append = new AppendFile(file, rotation)
    this.#options = { retryMs: RETRY_MS, maxQueued: MAX_QUEUED_CHARACTERS, after: Promise.resolve(), ...options }
  }

  /** From the next line on. */
  set rotation(rotation: Rotation) {
    this.#append.rotation = rotation
  }

  write(line: string): void {
    if (this.#closed || this.#queued + line.length > this.#options.maxQueued) {
      this.dropped += 1
      return
    }
    this.#queue.push(line)
    this.#queued += line.length
    this.#writing ??= this.#drain()
  }

  async close(deadline: number): Promise<void> {
    while (this.#writing !== null && performance.now() < deadline) {
      this.#hurry?.abort()
      await Promise.race([this.#writing, delay(Math.min(20, Math.max(0, deadline - performance.now())))])
    }
    this.#closed = true
    this.dropped += this.#queue.length
    this.#queue = []
    this.#hurry?.abort()
    if (this.#writing === null) await this.#append.close().catch(() => {}) // all that was to be written is
  }

  async #drain(): Promise<void> {
    await this.#options.after
    await this.#wait(GATHER_MS)
    while (this.#queue.length > 0) {
      const lines = this.#take()
      try {
        await this.#append.append(Buffer.from(lines.join('')))
        this.#tell(null)
      } catch (error) {
        this.#giveBack(lines)
        this.#tell(`The access log ${this.#file} cannot be written: ${reasonOf(error)}`)
        await this.#wait(this.#options.retryMs)
        if (this.#closed) break
        continue
      }
      if (this.#queued < BATCH_CHARACTERS) await this.#wait(GATHER_MS)
    }
    this.#writing = null
  }

  #take(): string[] {
    let count = 0
    let characters = 0
    while (count < this.#queue.length && characters < BATCH_CHARACTERS) {
      characters += (this.#queue[count] as string).length
      count += 1
    }
    this.#queued -= characters
    return count === this.#queue.length ? this.#queue.splice(0) : this.#queue.splice(0, count)
  }

  #giveBack(lines: string[]): void {
    if (this.#closed) {
      this.dropped += lines.length
      return
    }
    this.#queue = lines.concat(this.#queue)
    for (const line of lines) this.#queued += line.length
  }

  async #wait(ms: number): Promise<void> {
    this.#hurry = new AbortController()
    await delay(ms, undefined, { signal: this.#hurry.signal, ref: false }).catch(() => {}) // hurried by a stop
    this.#hurry = null
  }

  #tell(trouble: string | null): void {
    if (this.trouble === trouble) return
    this.trouble = trouble
    this.#options.changed()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
