import { type CollectGarbage, garbageCollector } from '../engine/garbage-collector.js'

/** Late enough not to delay the first requests, early enough to be done when nobody looks any more. */
const AFTER_START_MS = 1_000
/** A pause this long, or up to twice as long, counts as quiet. */
const QUIET_MS = 5_000

/**
 * Gives memory back when there is nothing to do: once after the start, which leaves a tenth of the process behind, and
 * once after each burst of traffic, which may leave four times as much. V8 by itself keeps it as long as nothing is
 * allocated, which in a gateway that idles is for ever. While nothing happens, no timer runs.
 */
export class IdleMemory {
  #collect: CollectGarbage | null = null
  #timer: NodeJS.Timeout | null = null
  #busy = false

  constructor() {
    setTimeout(() => this.#giveBack(), AFTER_START_MS).unref()
  }

  /** To be called whenever an exchange has ended; costs next to nothing. */
  noteTraffic(): void {
    this.#busy = true
    this.#timer ??= setTimeout(() => this.#look(), QUIET_MS).unref()
  }

  /** Ends the watch. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #look(): void {
    this.#timer = null
    if (this.#busy) {
      this.#busy = false
      this.#timer = setTimeout(() => this.#look(), QUIET_MS).unref()
      return
    }
    this.#giveBack()
  }

  #giveBack(): void {
    this.#collect ??= garbageCollector()
    this.#collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }
}
