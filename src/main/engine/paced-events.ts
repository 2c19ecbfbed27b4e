import type { EventSource } from './event-sources.js'

const SECOND_MS = 1_000
/** Changes that come together are told together, soon enough for whoever looks. */
const TOGETHER_MS = 50

/** Tells once a second while it runs. */
export class EverySecond implements EventSource {
  readonly #tell: () => void
  #timer: NodeJS.Timeout | null = null

  constructor(tell: () => void) {
    this.#tell = tell
  }

  start(): void {
    this.#timer ??= setInterval(this.#tell, SECOND_MS).unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}

/** Tells of changes while it runs: once for all that come in the same moment, however many a second there are. */
export class OnChange implements EventSource {
  readonly #tell: () => void
  #running = false
  #timer: NodeJS.Timeout | null = null

  constructor(tell: () => void) {
    this.#tell = tell
  }

  start(): void {
    this.#running = true
  }

  stop(): void {
    this.#running = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Something has changed. */
  changed(): void {
    if (!this.#running) return
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#tell()
    }, TOGETHER_MS).unref()
  }
}

/** Tells of changes while it runs, and of fresh figures once a second as long as something has any. */
export class ChangesAndFigures implements EventSource {
  readonly #changes: OnChange
  readonly #figures: EverySecond

  /** @param active whether something has figures now */
  constructor(tell: () => void, active: () => boolean) {
    this.#changes = new OnChange(tell)
    this.#figures = new EverySecond(() => {
      if (active()) tell()
    })
  }

  /** The first follower is told at once. */
  start(): void {
    this.#changes.start()
    this.#changes.changed()
    this.#figures.start()
  }

  stop(): void {
    this.#changes.stop()
    this.#figures.stop()
  }

  changed(): void {
    this.#changes.changed()
  }
}
