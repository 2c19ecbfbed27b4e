import { app } from 'electron'
import type { EngineClient } from './engine-client.js'

/** The end of the app: its windows close, requests in progress end, then the engine, then the app itself. */
export class QuitSequence {
  #begun = false
  #draining = false

  /** @param lastWords done once the windows are closed */
  constructor(engine: Pick<EngineClient, 'stop' | 'kill'>, lastWords: () => void) {
    app.on('before-quit', () => {
      this.#begun = true
    })
    app.on('will-quit', (event) => {
      // A second wish to quit, while the first one waits for requests in progress, is not kept waiting.
      if (this.#draining) {
        engine.kill()
        return
      }
      this.#draining = true
      event.preventDefault()
      lastWords()
      void engine.stop().then(() => app.exit(0))
    })
  }

  /** True from the moment that windows are to close for good. */
  get begun(): boolean {
    return this.#begun
  }
}
