import type { BackendStatus } from '../../../shared/window-schemas.js'

/** A backend of the config: the object is its name as long as that config lives. */
export interface ConfiguredBackend {
  readonly url: string
  readonly weight: number
  readonly caFile: string | null
  readonly serverName: string | null
  readonly insecure: boolean
}

export interface BackendPlace {
  app: string
  /** the route's path as the config has it */
  route: string
  spec: ConfiguredBackend
}

type Health = Pick<BackendStatus, 'health' | 'reason' | 'since'>

/**
 * What the requests that were forwarded tell of each backend. Nothing is asked of the backends themselves: one that had
 * no request is unknown.
 */
export class BackendHealth {
  readonly #changed: () => void
  readonly #now: () => number
  #places: BackendPlace[] = []
  #records = new Map<string, Health>()
  /** also finds the backends of former configs, for the exchanges that began with them */
  readonly #bySpec = new WeakMap<ConfiguredBackend, Health>()

  /**
   * @param changed called after each change of what `list` tells
   * @param now milliseconds since the epoch
   */
  constructor(changed: () => void, now: () => number = Date.now) {
    this.#changed = changed
    this.#now = now
  }

  /** Takes over the backends of a new config. One that stays in its place keeps what is known of it. */
  apply(places: Iterable<BackendPlace>): void {
    this.#places = [...places]
    const former = this.#records
    this.#records = new Map()
    for (const place of this.#places) {
      const key = keyOf(place)
      const known = this.#records.get(key) ?? former.get(key) ?? { health: 'unknown', reason: null, since: null }
      this.#records.set(key, known)
      this.#bySpec.set(place.spec, known)
    }
    this.#changed()
  }

  /** The backend has answered in full, or begun an answer without end. Happens with every request. */
  answered(backend: ConfiguredBackend): void {
    const known = this.#bySpec.get(backend)
    if (known !== undefined && known.health !== 'healthy') this.#change(known, 'healthy', null)
  }

  /** @param reason one sentence */
  failed(backend: ConfiguredBackend, reason: string): void {
    const known = this.#bySpec.get(backend)
    if (known !== undefined && known.reason !== reason) this.#change(known, 'unhealthy', reason)
  }

  /** Every backend of the config, in its order. */
  list(): BackendStatus[] {
    return this.#places.map(({ app, route, spec }) => ({
      ...{ app, route, url: spec.url, weight: spec.weight },
      ...(this.#bySpec.get(spec) as Health),
      ...{ breaker: 'closed', retryAt: null, inFlight: 0, draining: false, check: null },
    }))
  }

  #change(known: Health, health: Health['health'], reason: string | null): void {
    if (known.health !== health) known.since = new Date(this.#now()).toISOString()
    known.health = health
    known.reason = reason
    this.#changed()
  }
}

/** A backend that is reached in another way than before is another one; its weight says nothing of its health. */
function keyOf({ app, route, spec: { url, caFile, serverName, insecure } }: BackendPlace): string {
  return JSON.stringify([app, route, url, caFile, serverName, insecure])
}
