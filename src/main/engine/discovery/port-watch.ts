import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { DiscoveredPort } from '../../../shared/window-schemas.js'

export interface PortWatchOptions {
  list(): Promise<DiscoveredPort[]>
  /** gets the ports when watching begins, and each time they have changed */
  onChange(ports: DiscoveredPort[]): void
  log: Logger
}

/** Between the end of a look and the next: with the time a look takes, a new listener is seen within two seconds. */
const PAUSE_MS = 750

/** Looks at the ports again and again between `start` and `stop`, and never else: no system tells when one is opened. */
export class PortWatch {
  readonly #options: PortWatchOptions
  #end: AbortController | null = null

  constructor(options: PortWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    this.#end = new AbortController()
    void this.#follow(this.#end.signal)
  }

  stop(): void {
    this.#end?.abort()
    this.#end = null
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let known: DiscoveredPort[] | null = null
    let failing = false
    while (!signal.aborted) {
      try {
        const ports = await this.#options.list()
        if (signal.aborted) return
        if (!isDeepStrictEqual(ports, known)) this.#options.onChange(ports)
        known = ports
        failing = false
      } catch (err) {
        if (!failing) this.#options.log.warn({ err }, 'the listening ports of this machine cannot be found out')
        failing = true
      }
      await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined) // it only ends early
    }
  }
}
