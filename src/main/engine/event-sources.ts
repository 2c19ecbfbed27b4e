import type { EventEmitter } from 'node:events'
import type { EventName, EventPayload } from '../../shared/contract.js'

/** What makes the events of one name at a cost, and so works only while somebody follows them. */
export interface EventSource {
  /** The first follower has come. */
  start(): void
  /** The last one has gone. */
  stop(): void
}

/** The engine's events; the sources of some are started by their first follower and stopped by their last. */
export class EventSources {
  readonly #events: EventEmitter
  readonly #sources: Partial<Record<EventName, EventSource>>
  readonly #running = new Set<EventSource>()
  #closed = false

  constructor(events: EventEmitter, sources: Partial<Record<EventName, EventSource>>) {
    this.#events = events
    this.#sources = sources
  }

  /** Returns the function that ends the subscription; it may be called more than once. */
  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    const heard = (payload: EventPayload<N>) => listener(payload) // one listener may subscribe twice, and end each
    this.#events.on(name, heard)
    this.#settle(name)
    return () => {
      this.#events.off(name, heard)
      this.#settle(name)
    }
  }

  /** Stops every source for good. */
  close(): void {
    this.#closed = true
    for (const source of this.#running) source.stop()
    this.#running.clear()
  }

  #settle(name: EventName): void {
    const source = this.#sources[name]
    if (source === undefined || this.#closed) return
    const wanted = this.#events.listenerCount(name) > 0
    if (wanted === this.#running.has(source)) return
    if (wanted) {
      this.#running.add(source)
      source.start()
    } else {
      this.#running.delete(source)
      source.stop()
    }
  }
}
