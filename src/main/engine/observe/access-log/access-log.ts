import type { Writable } from 'node:stream'
import type { ExchangeEntry } from '../../../../shared/contract.js'
import { optionalDurationMs } from '../../../../shared/duration.js'
import { type AccessLogSettings, type AppAccessLog, sizeBytes } from '../../../../shared/observe-schema.js'
import type { ObservedExchange } from '../observed.js'
import type { Rotation } from './append-file.js'
import { FileSink } from './file-sink.js'
import type { LineSink } from './line-sink.js'
import { LogLines } from './log-lines.js'
import { StreamSink } from './stream-sink.js'

export interface AccessLogOptions {
  stdout: Writable
  /** what is told of it has changed */
  changed: () => void
}

/** An app, and where its requests are logged: as all of them unless told. */
export interface LoggedApp {
  name: string
  /** absolute, or `stdout` */
  accessLog?: AppAccessLog | undefined
}

const STDOUT = 'stdout'
/** stands for the name of an app where no app owns the host */
const NO_APP = 'no-app'
/** for what a log that is no longer in the config still has to write */
const LEAVE_MS = 5_000

/** Writes each exchange to the log of its app. There is one writer for each file, whoever is logged there. */
export class AccessLog {
  readonly #options: AccessLogOptions
  readonly #sinks = new Map<string, LineSink>()
  readonly #leaving = new Map<string, Promise<void>>()
  readonly #lines = new Map<string, LogLines>()
  #apps: ReadonlyMap<string, AppAccessLog | undefined> = new Map()
  #settings: AccessLogSettings | null = null
  #droppedBefore = 0

  constructor(options: AccessLogOptions) {
    this.#options = options
  }

  /**
   * From the next exchange that ends. What was written before is not lost.
   *
   * @param settings its file absolute; null turns the log off
   */
  apply(settings: AccessLogSettings | null, apps: readonly LoggedApp[]): void {
    this.#settings = settings
    this.#apps = new Map(apps.map(({ name, accessLog }) => [name, accessLog]))
    this.#lines.clear()
    if (settings !== null) for (const sink of this.#sinks.values()) rotate(sink, rotationOf(settings))
    this.#sweep()
  }

  /** @param exchange null for a request that was refused before it became one */
  write(entry: ExchangeEntry, exchange: ObservedExchange | null): void {
    const settings = this.#settings
    if (settings === null) return
    const app = entry.app ?? ''
    let lines = this.#lines.get(app)
    if (lines === undefined) {
      const file = this.#fileOf(app, settings)
      if (file === null) return
      lines = new LogLines(settings, this.#sink(file, settings))
      if (app === '' || this.#apps.has(app)) this.#lines.set(app, lines)
    }
    lines.write(entry, exchange)
  }

  /** What hinders it, in sentences. */
  troubles(): string[] {
    return [...this.#sinks.values()].flatMap(({ trouble }) => trouble ?? [])
  }

  /** Lines that were left out since the start. */
  get dropped(): number {
    return [...this.#sinks.values()].reduce((sum, { dropped }) => sum + dropped, this.#droppedBefore)
  }

  /** @param deadline performance.now() milliseconds, for what is still to be written */
  async close(deadline: number): Promise<void> {
    this.#settings = null
    await Promise.all([...this.#sinks.values()].map((sink) => sink.close(deadline)))
    await Promise.all(this.#leaving.values())
  }

  #fileOf(app: string, settings: AccessLogSettings): string | null {
    const own = this.#apps.get(app)
    if (own === false) return null
    return (own ?? settings.file).replaceAll('{app}', app === '' ? NO_APP : app)
  }

  #sink(file: string, settings: AccessLogSettings): LineSink {
    let sink = this.#sinks.get(file)
    if (sink === undefined) {
      const { changed, stdout } = this.#options
      const after = this.#leaving.get(file) ?? Promise.resolve()
      sink =
        file === STDOUT ? new StreamSink(stdout, changed) : new FileSink(file, rotationOf(settings), { changed, after })
      this.#sinks.set(file, sink)
    }
    return sink
  }

  /** Files that nobody is logged to any more are written to their end and closed. */
  #sweep(): void {
    const settings = this.#settings
    const wanted = new Set(
      settings === null ? [] : ['', ...this.#apps.keys()].map((app) => this.#fileOf(app, settings)),
    )
    for (const [file, sink] of this.#sinks) {
      if (wanted.has(file)) continue
      this.#sinks.delete(file)
      const left = sink.close(performance.now() + LEAVE_MS).then(() => {
        this.#droppedBefore += sink.dropped
        if (this.#leaving.get(file) === left) this.#leaving.delete(file)
      })
      this.#leaving.set(file, left)
    }
  }
}

function rotationOf({ maxSize, maxAge, keep, gzip }: AccessLogSettings): Rotation {
  return { maxBytes: sizeBytes(maxSize), maxAgeMs: optionalDurationMs(maxAge), keep, gzip }
}

function rotate(sink: LineSink, rotation: Rotation): void {
  if (sink instanceof FileSink) sink.rotation = rotation
}
