import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'

/** How an export ended; `code` 0 is success. */
type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0]

const LONGEST_REASON = 200

/** An exporter that remembers whether it works, and how much it has lost. */
export class WatchedExporter implements SpanExporter {
  /** why the latest batch was lost; null when it was not */
  trouble: string | null = null
  lost = 0
  /** spans that wait or are on their way no more */
  settled = 0
  readonly #exporter: SpanExporter
  readonly #changed: () => void

  /** @param changed is called when `trouble` is another one */
  constructor(exporter: SpanExporter, changed: () => void) {
    this.#exporter = exporter
    this.#changed = changed
  }

  export(spans: ReadableSpan[], done: (result: Result) => void): void {
    this.#exporter.export(spans, (result) => {
      this.settled += spans.length
      if (result.code !== 0) this.lost += spans.length
      this.#tell(result.code === 0 ? null : (result.error?.message ?? 'it gave no reason').slice(0, LONGEST_REASON))
      // What has been told here needs no handler of errors that nobody else knows of.
      done({ code: 0 })
    })
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }

  #tell(trouble: string | null): void {
    // The reasons of one outage differ in words; that it goes on is no news.
    const news = (trouble === null) !== (this.trouble === null)
    this.trouble = trouble
    if (news) this.#changed()
  }
}
