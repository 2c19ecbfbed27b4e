import type { ProcessSettings } from './settings.js'
import { watchFiles } from './watch-files.js'

const NAMED_FILES = 5

/** The files whose change restarts an app. */
export class AppWatch {
  readonly #onChange: () => void
  readonly #note: (text: string) => void
  #watch: ReturnType<typeof watchFiles> | null = null

  /** @param note is told what changed, in a line for the output */
  constructor(onChange: () => void, note: (text: string) => void) {
    this.#onChange = onChange
    this.#note = note
  }

  /** Begins, unless it has. */
  start({ watch, cwd }: Pick<ProcessSettings, 'watch' | 'cwd'>): void {
    if (watch.length === 0) return
    this.#watch ??= watchFiles(
      watch,
      cwd,
      (files) => {
        this.#note(`changed: ${files.slice(0, NAMED_FILES).join(', ')}${files.length > NAMED_FILES ? ', …' : ''}`)
        this.#onChange()
      },
      this.#note,
    )
  }

  async stop(): Promise<void> {
    const watch = this.#watch
    this.#watch = null
    await watch?.close()
  }
}
