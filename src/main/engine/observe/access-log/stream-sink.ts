import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { type LineSink, MAX_QUEUED_CHARACTERS } from './line-sink.js'

/** Standard output. A reader that is slow loses lines, and one that has gone away all of them; both are counted. */
export class StreamSink implements LineSink {
  dropped = 0
  trouble: string | null = null
  readonly #stream: Writable
  readonly #changed: () => void
  readonly #maxQueued: number

  constructor(stream: Writable, changed: () => void, maxQueued = MAX_QUEUED_CHARACTERS) {
    this.#stream = stream
    this.#changed = changed
    this.#maxQueued = maxQueued
    stream.on('error', this.#onError)
  }

  write(line: string): void {
    if (this.#stream.destroyed || this.trouble !== null || this.#stream.writableLength > this.#maxQueued)
      this.dropped += 1
    else this.#stream.write(line)
  }

  async close(deadline: number): Promise<void> {
    while (this.#stream.writableLength > 0 && this.trouble === null && performance.now() < deadline) await delay(5)
    // Its errors stay with this listener: a write that is still under way may fail yet.
  }

  readonly #onError = (error: Error): void => {
    this.trouble = `The access log cannot be written to standard output: ${error.message}`
    this.#changed()
  }
}
