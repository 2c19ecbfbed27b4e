import { stripVTControlCharacters } from 'node:util'
import type { OutputLine } from '../../../../shared/window-schemas.js'
import { LineRing } from './line-ring.js'
import { LineSplitter } from './line-splitter.js'
import { RotatingFile } from './rotating-file.js'

const KEPT_LINES = 5_000
const KEPT_CHARACTERS = 8 * 1024 * 1024
/** A prompt or a dot that has no line end yet is shown after so long, in ms; a progress bar less often. */
const PARTIAL_MS = 100
const PROGRESS_MS = 1_000
/**
 * A process may print faster than anybody reads, and it runs in the same thread as every request: so much is read every so
 * many milliseconds, and what does not fit in the queue is left out, the oldest first. The process is never held up.
 */
const TICK_MS = 50
const TICK_LINES = 2_000
const TICK_BYTES = 512 * 1024
const MAX_QUEUED_BYTES = 4 * 1024 * 1024
const KEPT_QUEUED_BYTES = 1024 * 1024

export type OutputStream = 'stdout' | 'stderr'

interface Queued {
  stream: OutputStream
  chunk: Buffer
  /** where reading goes on */
  offset: number
  at: number
}

export interface OutputLogOptions {
  /** file that the lines are appended to as well; it is rotated */
  file?: string | null
}

/** What the process of one app prints, over all its runs, by the line. */
export class OutputLog {
  readonly #ring = new LineRing(KEPT_LINES, KEPT_CHARACTERS)
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  readonly #listeners = new Set<(lines: OutputLine[]) => void>()
  readonly #file: RotatingFile | null
  #queue: Queued[] = []
  #queuedBytes = 0
  #leftOutBytes = 0
  #fresh: OutputLine[] = []
  #seq = 0
  #readAt = Number.NEGATIVE_INFINITY
  #reading: NodeJS.Timeout | null = null
  #partials: NodeJS.Timeout | null = null
  #closed = false

  constructor({ file = null }: OutputLogOptions = {}) {
    this.#file = file === null ? null : new RotatingFile(file, (trouble) => this.note(trouble))
  }

  /** Takes what the process printed; it becomes lines a moment later. */
  append(stream: OutputStream, chunk: Buffer): void {
    if (this.#closed || chunk.length === 0) return
    this.#queue.push({ stream, chunk, offset: 0, at: Date.now() })
    this.#queuedBytes += chunk.length
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#shorten(KEPT_QUEUED_BYTES)
    const wait = Math.max(0, this.#readAt + TICK_MS - performance.now())
    this.#reading ??= setTimeout(() => this.#tick(), wait).unref()
  }

  /** Adds a line of Portico's own, after all that was printed before. */
  note(text: string): void {
    if (this.#closed) return
    this.flush()
    for (const line of text.split('\n')) this.#add('portico', line, Date.now())
    this.#tell()
  }

  /**
   * The latest lines, oldest first.
   *
   * @param after leaves out those up to that `seq`
   * @param limit most lines
   */
  lines({
    after = 0,
    limit = KEPT_LINES,
  }: {
    after?: number | undefined
    limit?: number | undefined
  } = {}): OutputLine[] {
    return this.#ring.lines(after, limit)
  }

  /** The last n lines that the process printed, without ANSI sequences. What waits for its line end counts as a line. */
  lastLines(n: number): string[] {
    this.flush()
    const printed = this.#ring.lines(0, KEPT_LINES).filter(({ stream }) => stream !== 'portico')
    return printed.slice(-n).map(({ text }) => stripVTControlCharacters(text))
  }

  /**
   * @param listener is given new lines, many at once, at most every 50 ms while they keep coming
   * @returns ends it
   */
  onLines(listener: (lines: OutputLine[]) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** Makes lines of all that was printed, also of what has no line end: for when a process has ended. */
  flush(): void {
    this.#shorten(TICK_BYTES)
    while (this.#queue.length > 0) this.#read()
    this.#flushPartials()
    this.#tell()
  }

  /** Resolves when the file has all of it. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.flush()
    this.#closed = true
    if (this.#reading !== null) clearTimeout(this.#reading)
    if (this.#partials !== null) clearTimeout(this.#partials)
    this.#listeners.clear()
    await this.#file?.close()
  }

  #tick(): void {
    this.#reading = null
    this.#read()
    this.#tell()
    this.#readAt = performance.now()
    if (this.#queue.length > 0) this.#reading = setTimeout(() => this.#tick(), TICK_MS).unref()
    this.#awaitLineEnds()
  }

  /** Makes lines of what is queued, as far as one tick's share goes. */
  #read(): void {
    if (this.#leftOutBytes > 0) this.#tellOfGap()
    let lines = TICK_LINES
    let bytes = TICK_BYTES
    let done = 0
    for (const queued of this.#queue) {
      if (lines <= 0 || bytes <= 0) break
      const { stream, chunk, offset, at } = queued
      queued.offset = this.#splitters[stream].push(chunk, offset, lines, (text) => {
        lines--
        this.#add(stream, text, at)
      })
      bytes -= queued.offset - offset
      this.#queuedBytes -= queued.offset - offset
      if (queued.offset < chunk.length) break
      done++
    }
    this.#queue.splice(0, done)
  }

  /** Leaves out the oldest of what waits to be read. */
  #shorten(maxBytes: number): void {
    let gone = 0
    while (this.#queuedBytes > maxBytes && gone < this.#queue.length - 1) {
      const { chunk, offset } = this.#queue[gone]!
      const bytes = chunk.length - offset
      this.#queuedBytes -= bytes
      this.#leftOutBytes += bytes
      gone++
    }
    this.#queue.splice(0, gone)
  }

  #tellOfGap(): void {
    this.#flushPartials()
    this.#splitters.stdout.skipRest()
    this.#splitters.stderr.skipRest()
    const megabytes = (this.#leftOutBytes / 1_000_000).toFixed(1)
    this.#leftOutBytes = 0
    this.#add('portico', `${megabytes} MB of output are left out here: it came faster than it can be read`, Date.now())
  }

  #awaitLineEnds(): void {
    if (this.#partials !== null || this.#closed) return
    const pending = Object.values(this.#splitters).map((splitter) => splitter.pending)
    if (pending.every((state) => state === 'nothing')) return
    this.#partials = setTimeout(
      () => {
        this.#partials = null
        this.#flushPartials()
        this.#tell()
      },
      pending.includes('text') ? PARTIAL_MS : PROGRESS_MS,
    ).unref()
  }

  #flushPartials(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#splitters[stream].flush()
      if (text !== null) this.#add(stream, text, Date.now())
    }
  }

  #add(stream: OutputLine['stream'], text: string, at: number): void {
    const line = { seq: ++this.#seq, time: new Date(at).toISOString(), stream, text }
    this.#ring.push(line)
    this.#fresh.push(line)
    this.#file?.append(stream === 'portico' ? `[portico] ${text}\n` : `${text}\n`)
  }

  #tell(): void {
    if (this.#fresh.length === 0) return
    const lines = this.#fresh
    this.#fresh = []
    for (const listener of this.#listeners) listener(lines)
  }
}
