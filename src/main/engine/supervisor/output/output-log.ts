import { stripVTControlCharacters } from 'node:util'
import type { OutputLine } from '../../../../shared/window-schemas.js'
import { LineRing } from './line-ring.js'
import { OutputQueue, type OutputStream } from './output-queue.js'
import { RotatingFile } from './rotating-file.js'

export type { OutputStream } from './output-queue.js'

const KEPT_LINES = 5_000
const KEPT_CHARACTERS = 8 * 1024 * 1024
/** A prompt or a dot that has no line end yet is shown after so long, in ms; a progress bar less often. */
const PARTIAL_MS = 100
const PROGRESS_MS = 1_000
/**
 * A process may print faster than anybody reads, and this runs in the same thread as every request. So every so many
 * milliseconds that much is made into lines; what does not fit in the queue is left out, the oldest first; and a process
 * that prints more than can even be thrown away is held up.
 */
const TICK_MS = 50
const TICK = { lines: 2_000, bytes: 512 * 1024 }
const TICK_TAKEN_BYTES = 3 * 1024 * 1024
const MAX_QUEUED_BYTES = 4 * 1024 * 1024
const KEPT_QUEUED_BYTES = 1024 * 1024

export interface OutputLogOptions {
  /** file that the lines are appended to as well; it is rotated */
  file?: string | null
}

/** What the process of one app prints, over all its runs, by the line. */
export class OutputLog {
  readonly #ring = new LineRing(KEPT_LINES, KEPT_CHARACTERS)
  readonly #queue = new OutputQueue()
  readonly #listeners = new Set<(lines: OutputLine[]) => void>()
  #file: RotatingFile | null = null
  #takenBytes = 0
  #nextTick: PromiseWithResolvers<void> | null = null
  #fresh: OutputLine[] = []
  #seq = 0
  /** lines that came together share the text of their time */
  #latest = { at: 0, time: '' }
  #readAt = Number.NEGATIVE_INFINITY
  #reading: NodeJS.Timeout | null = null
  #partials: NodeJS.Timeout | null = null
  #closed = false

  constructor({ file = null }: OutputLogOptions = {}) {
    this.writeTo(file)
  }

  /**
   * Takes what the process printed; it becomes lines a moment later.
   *
   * @returns what to wait for before more is read from the process; null to go on
   */
  append(stream: OutputStream, chunk: Buffer): Promise<void> | null {
    if (this.#closed || chunk.length === 0) return null
    this.#queue.push(stream, chunk, Date.now())
    if (this.#queue.bytes > MAX_QUEUED_BYTES) this.#queue.shorten(KEPT_QUEUED_BYTES)
    const wait = Math.max(0, this.#readAt + TICK_MS - performance.now())
    this.#reading ??= setTimeout(() => this.#tick(), wait).unref()
    this.#takenBytes += chunk.length
    if (this.#takenBytes < TICK_TAKEN_BYTES) return null
    this.#nextTick ??= Promise.withResolvers()
    return this.#nextTick.promise
  }

  /** Appends the lines that come from now on to another file, or to none. */
  writeTo(file: string | null): void {
    void this.#file?.close()
    this.#file = file === null ? null : new RotatingFile(file, (trouble) => this.note(trouble))
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
    this.#queue.shorten(TICK.bytes)
    while (this.#queue.bytes > 0) this.#read()
    this.#queue.flushPartials(this.#onLine)
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
    this.#goOn()
    await this.#file?.close()
  }

  #tick(): void {
    this.#reading = null
    this.#read()
    this.#tell()
    this.#readAt = performance.now()
    this.#goOn()
    if (this.#queue.bytes > 0) this.#reading = setTimeout(() => this.#tick(), TICK_MS).unref()
    this.#awaitLineEnds()
  }

  #goOn(): void {
    this.#takenBytes = 0
    this.#nextTick?.resolve()
    this.#nextTick = null
  }

  /** Makes lines of what is queued, as far as one tick's share goes. */
  #read(): void {
    this.#queue.read(TICK, this.#onLine, (bytes) => {
      const megabytes = (bytes / 1_000_000).toFixed(1)
      this.#add(
        'portico',
        `${megabytes} MB of output are left out here: it came faster than it can be read`,
        Date.now(),
      )
    })
  }

  #awaitLineEnds(): void {
    if (this.#partials !== null || this.#closed) return
    const { partial } = this.#queue
    if (partial === 'nothing') return
    this.#partials = setTimeout(
      () => {
        this.#partials = null
        this.#queue.flushPartials(this.#onLine)
        this.#tell()
      },
      partial === 'text' ? PARTIAL_MS : PROGRESS_MS,
    ).unref()
  }

  readonly #onLine = (stream: OutputStream, text: string, at: number) => this.#add(stream, text, at)

  #add(stream: OutputLine['stream'], text: string, at: number): void {
    if (at !== this.#latest.at) this.#latest = { at, time: new Date(at).toISOString() }
    const line = { seq: ++this.#seq, time: this.#latest.time, stream, text }
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
