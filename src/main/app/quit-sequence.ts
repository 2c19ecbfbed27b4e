import { app } from 'electron'
import type { EngineClient } from './engine-client.js'

export interface QuitParts {
  engine: Pick<EngineClient, 'stop' | 'kill'>
  /** apps whose process ends with Portico, as far as is known now */
  running(): readonly string[]
  /** Asks whether to quit although these end. */
  ask(running: readonly string[]): Promise<boolean>
  /** done once the windows are closed */
  lastWords(): void
}

/** The end of the app: its windows close, requests in progress end, then the engine, then the app itself. */
export class QuitSequence {
  readonly #parts: QuitParts
  #begun = false
  #draining = false
  #asking = false
  #agreed = false

  constructor(parts: QuitParts) {
    this.#parts = parts
    app.on('before-quit', (event) => {
      if (this.#mustAsk()) event.preventDefault()
      else this.#begun = true
    })
    app.on('will-quit', (event) => {
      // A second wish to quit, while the first one waits for requests in progress, is not kept waiting.
      if (this.#draining) {
        parts.engine.kill()
        return
      }
      this.#draining = true
      event.preventDefault()
      parts.lastWords()
      void parts.engine.stop().then(() => app.exit(0))
    })
  }

  /** True from the moment that windows are to close for good. */
  get begun(): boolean {
    return this.#begun
  }

  /** True when the person has to be asked first, or is being asked. */
  #mustAsk(): boolean {
    if (this.#agreed || this.#draining) return false
    const running = this.#parts.running()
    if (running.length === 0) return false
    if (!this.#asking) void this.#ask(running)
    return true
  }

  async #ask(running: readonly string[]): Promise<void> {
    this.#asking = true
    this.#agreed = await this.#parts.ask(running).finally(() => {
      this.#asking = false
    })
    if (this.#agreed) app.quit()
  }
}
