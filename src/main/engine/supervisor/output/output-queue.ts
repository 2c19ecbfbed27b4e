import { LineSplitter } from './line-splitter.js'

export type OutputStream = 'stdout' | 'stderr'
/** @param at when it came, in ms since 1970 */
export type OnLine = (stream: OutputStream, text: string, at: number) => void

interface Queued {
  stream: OutputStream
  chunk: Buffer
  /** where reading goes on */
  offset: number
  at: number
}

const STREAMS = ['stdout', 'stderr'] as const

/** What was printed and is not made into lines yet. */
export class OutputQueue {
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  #chunks: Queued[] = []
  #bytes = 0
  #leftOut = 0

  /** of what waits to be read */
  get bytes(): number {
    return this.#bytes
  }

  push(stream: OutputStream, chunk: Buffer, at: number): void {
    this.#chunks.push({ stream, chunk, offset: 0, at })
    this.#bytes += chunk.length
  }

  /** Leaves out the oldest of what waits to be read. The latest chunk stays, however large. */
  shorten(maxBytes: number): void {
    let gone = 0
    while (this.#bytes > maxBytes && gone < this.#chunks.length - 1) {
      const { chunk, offset } = this.#chunks[gone]!
      const bytes = chunk.length - offset
      this.#bytes -= bytes
      this.#leftOut += bytes
      gone++
    }
    this.#chunks.splice(0, gone)
  }

  /** Makes lines, until about so many lines or bytes are read. @param onGap is told how many bytes are missing before */
  read(limits: { lines: number; bytes: number }, onLine: OnLine, onGap: (bytes: number) => void): void {
    if (this.#leftOut > 0) this.#passOver(onLine, onGap)
    let { lines, bytes } = limits
    let done = 0
    for (const queued of this.#chunks) {
      if (lines <= 0 || bytes <= 0) break
      const { stream, chunk, offset, at } = queued
      queued.offset = this.#splitters[stream].push(chunk, offset, lines, (text) => {
        lines--
        onLine(stream, text, at)
      })
      bytes -= queued.offset - offset
      this.#bytes -= queued.offset - offset
      if (queued.offset < chunk.length) break
      done++
    }
    this.#chunks.splice(0, done)
  }

  /** What has no line end yet: nothing, text, or a line that is overwritten again and again. */
  get partial(): 'nothing' | 'text' | 'progress' {
    const pending = STREAMS.map((stream) => this.#splitters[stream].pending)
    if (pending.includes('text')) return 'text'
    return pending.includes('progress') ? 'progress' : 'nothing'
  }

  /** Makes lines of what has no line end yet. */
  flushPartials(onLine: OnLine): void {
    for (const stream of STREAMS) {
      const text = this.#splitters[stream].flush()
      if (text !== null) onLine(stream, text, Date.now())
    }
  }

  #passOver(onLine: OnLine, onGap: (bytes: number) => void): void {
    this.flushPartials(onLine)
    for (const stream of STREAMS) this.#splitters[stream].skipRest()
    onGap(this.#leftOut)
    this.#leftOut = 0
  }
}
