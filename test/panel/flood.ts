import type { Page } from 'playwright-core'
import type { EventName, EventPayload, ExchangeEntry, Portal } from '../../src/shared/contract.js'
import { until } from '../support/wait.js'

const TICK_MS = 20

/** A real engine whose exchanges are joined by made ones: more a second than two cores carry requests beside a browser. */
export class Flood implements Portal {
  readonly #engine: Portal
  readonly #listeners = new Set<(entry: ExchangeEntry) => void>()
  #sent = 0

  constructor(engine: Portal) {
    this.#engine = engine
  }

  get followed(): boolean {
    return this.#listeners.size > 0
  }

  call: Portal['call'] = (name, params) => this.#engine.call(name, params)

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    if (name !== 'exchange') return this.#engine.on(name, listener)
    const take = listener as (entry: ExchangeEntry) => void
    this.#listeners.add(take)
    return () => void this.#listeners.delete(take)
  }

  /** Sends `count` entries, `rate` a second. */
  async run(count: number, rate: number): Promise<void> {
    const begun = performance.now()
    const first = this.#sent
    const timer = setInterval(() => {
      const due = Math.min(count, Math.floor(((performance.now() - begun) / 1_000) * rate))
      while (this.#sent - first < due) this.#send(this.#sent++)
    }, TICK_MS)
    await until(() => this.#sent - first === count, 'the last entry', 120_000)
    clearInterval(timer)
  }

  #send(at: number): void {
    const entry = madeEntry(at)
    for (const listener of this.#listeners) listener(entry)
  }
}

/** The tasks of a page that took longer than 50 ms, as the browser counts them. */
export class LongTasks {
  readonly #page: Page

  private constructor(page: Page) {
    this.#page = page
  }

  static async watch(page: Page): Promise<LongTasks> {
    await page.evaluate(() => {
      const tasks: number[] = []
      Object.assign(window, { tasks })
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        entryTypes: ['longtask'],
      })
    })
    return new LongTasks(page)
  }

  /** Those since the last time that it was asked, milliseconds. */
  async take(): Promise<number[]> {
    return this.#page.evaluate(() => (window as unknown as { tasks: number[] }).tasks.splice(0))
  }
}

/** A line for the record. */
export function longTaskText(tasks: readonly number[]): string {
  const over = tasks.filter((ms) => ms > 100).length
  return `${tasks.length} tasks over 50 ms, ${over} over 100 ms, longest ${Math.round(Math.max(0, ...tasks))} ms`
}

function madeEntry(at: number): ExchangeEntry {
  return {
    time: new Date().toISOString(),
    id: `made-${at}`,
    app: 'shop',
    host: 'shop.localhost',
    method: at % 10 === 0 ? 'POST' : 'GET',
    path: `/item/${at}`,
    status: at % 50 === 0 ? 502 : 200,
    bytesIn: 0,
    bytesOut: 1_024,
    connectMs: 0.2,
    firstByteMs: 1.5,
    totalMs: 2 + (at % 7),
    client: '127.0.0.1',
    protocol: 'h2',
    backend: 'http://127.0.0.1:3000',
    error: null,
    attempts: 1,
  }
}
