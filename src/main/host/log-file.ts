import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { type Logger, pino } from 'pino'

const NAME = 'engine.log'
const MAX_BYTES = 5 * 1024 * 1024

/**
 * The engine's own log (not the access log): JSON lines in the data directory, for reports of defects. It never grows
 * beyond twice `MAX_BYTES`, and a full disk costs log lines, never the service.
 */
export class LogFile {
  readonly #file: string
  #handle: number
  #bytes: number
  #lost = 0

  private constructor(file: string) {
    this.#file = file
    this.#handle = openSync(file, 'a', 0o600)
    this.#bytes = fstatSync(this.#handle).size
  }

  /** A logger that writes to a file of the data directory; the level is `info`, or what PORTICO_LOG_LEVEL says. */
  static open(dataDir: string, name = NAME): Logger {
    const level = process.env.PORTICO_LOG_LEVEL ?? 'info'
    return pino({ level: level in pino.levels.values ? level : 'info' }, new LogFile(path.join(dataDir, name)))
  }

  /** Writes one line, at once: what is logged before a crash is what matters. */
  write(line: string): void {
    try {
      if (this.#bytes > MAX_BYTES) this.#turnOver()
      const note = this.#lost === 0 ? '' : `{"level":40,"time":${Date.now()},"msg":"${this.#lost} lines were lost"}\n`
      this.#bytes += writeSync(this.#handle, note + line)
      this.#lost = 0
    } catch {
      // Told in the log itself, as soon as it can be written again.
      this.#lost++
    }
  }

  /** The old lines are kept once, with `.1` behind the name. */
  #turnOver(): void {
    if (existsSync(this.#file)) renameSync(this.#file, `${this.#file}.1`)
    const next = openSync(this.#file, 'a', 0o600)
    closeSync(this.#handle)
    this.#handle = next
    this.#bytes = 0
  }
}
