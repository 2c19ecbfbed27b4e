import type { ShareStatus, ShareVia } from '../../../shared/share-schemas.js'
import { atTime } from '../tunnel/at-time.js'
import type { Carrier, CarrierEvent } from './carrier.js'
import type { TrafficFigures } from './hop-traffic.js'

export type Reason = NonNullable<ShareStatus['reason']>

/** What keeps visitors from an app although it is shown, or ends that. */
export type Obstacle = { final: boolean } & Reason

export interface ShareOptions {
  id: string
  app: string
  via: ShareVia
  /** below the relay's domain; null by any other way */
  name: string | null
  /** null: everybody is let in */
  user: string | null
  /** milliseconds; null: until a person ends it */
  lifetimeMs: number | null
  carry: (tell: (event: CarrierEvent) => void) => Carrier
  /** as things are now; null when there is none */
  obstacle: () => Obstacle | null
  onChange: () => void
}

export interface ShareFigures extends TrafficFigures {
  app: string
  /** address of the relay, or name of the tool */
  via: string
  /** visitors reach the app */
  up: boolean
  latencyMs: number | null
  /** how often the connection to the outside was lost */
  lost: number
}

/** What a way is called. */
export function labelOf(via: ShareVia): string {
  return via.kind === 'relay' ? via.url : via.tool
}

/** One app that is shown outside, from the wish to its end and what is left to tell of it. */
export class Share {
  readonly #options: ShareOptions
  readonly #carrier: Carrier
  readonly #startedAt = Date.now()
  readonly #lifetime: { cancel(): void }
  #expiresAt: number | null
  #carried: 'starting' | 'open' | 'waiting' = 'starting'
  #url: string | null = null
  #reason: Reason | null = null
  /** how often visitors did not find it any more */
  #lost = 0
  #obstacle: Obstacle | null = null
  /** what is left of its figures when it has ended */
  #last: TrafficFigures | null = null

  constructor(options: ShareOptions) {
    const { lifetimeMs, carry } = options
    this.#options = options
    this.#expiresAt = lifetimeMs === null ? null : this.#startedAt + lifetimeMs
    this.#lifetime = atTime(this.#expiresAt, () => void this.end(TIME_IS_OVER))
    this.#carrier = carry((event) => this.#take(event))
  }

  get id(): string {
    return this.#options.id
  }

  get app(): string {
    return this.#options.app
  }

  get via(): ShareVia {
    return this.#options.via
  }

  get name(): string | null {
    return this.#options.name
  }

  get ended(): boolean {
    return this.#last !== null
  }

  status(): ShareStatus {
    const { id, app, via, name, user } = this.#options
    const expiresAt = this.#expiresAt === null ? null : new Date(this.#expiresAt).toISOString()
    const startedAt = new Date(this.#startedAt).toISOString()
    const { failed: _, ...figures } = this.#last ?? this.#carrier.figures()
    const stats = { ...figures, latencyMs: this.ended ? null : this.#carrier.latencyMs() }
    return {
      id,
      app,
      via,
      name,
      state: this.#state(),
      url: this.#url,
      startedAt,
      expiresAt,
      user,
      reason: this.#why(),
      stats,
    }
  }

  /** For the metrics. */
  figures(): ShareFigures {
    const { app, via } = this.#options
    const [up, latencyMs] = [this.#state() === 'open', this.#carrier.latencyMs()]
    return { ...this.#carrier.figures(), app, via: labelOf(via), up, latencyMs, lost: this.#lost }
  }

  /** The config or the listeners may have changed. */
  look(): void {
    if (this.ended) return
    const before = this.#obstacle
    this.#obstacle = this.#options.obstacle()
    if (this.#obstacle?.final === true) {
      const { message, hint } = this.#obstacle
      void this.end({ message, ...(hint === undefined ? {} : { hint }) })
    } else if (before?.message !== this.#obstacle?.message) this.#options.onChange()
  }

  /**
   * For good. Resolves when nothing of it is left; one that has ended has nothing to tell any more.
   *
   * @param graceMs for a program that is part of it, in milliseconds
   */
  end(reason: Reason, graceMs?: number): Promise<void> {
    if (this.ended) return this.#carrier.close(graceMs)
    this.#lifetime.cancel()
    this.#last = { ...this.#carrier.figures(), open: 0 }
    this.#reason = reason
    const closed = this.#carrier.close(graceMs)
    this.#options.onChange()
    return closed
  }

  #state(): ShareStatus['state'] {
    if (this.ended) return 'ended'
    return this.#carried === 'open' && this.#obstacle !== null ? 'waiting' : this.#carried
  }

  #why(): Reason | null {
    if (this.ended || this.#reason !== null) return this.#reason
    if (this.#obstacle === null) return null
    const { message, hint } = this.#obstacle
    return { message, ...(hint === undefined ? {} : { hint }) }
  }

  #take(event: CarrierEvent): void {
    if (this.ended) return
    if (event.type === 'ended') return void this.end(reasonOf(event))
    if (event.type === 'waiting' && this.#carried === 'open') this.#lost += 1
    this.#carried = event.type
    if (event.type === 'waiting') this.#reason = reasonOf(event)
    else {
      this.#reason = null
      this.#url = event.url
      if (event.expires != null) this.#expiresAt = Math.min(this.#expiresAt ?? Infinity, Date.parse(event.expires))
    }
    this.#options.onChange()
  }
}

export const TIME_IS_OVER: Reason = { message: 'Its time is over.' }
/** By a person. */
export const STOPPED: Reason = { message: 'It was stopped.' }

function reasonOf({ reason, hint }: { reason: string; hint?: string | undefined }): Reason {
  return { message: reason, ...(hint === undefined ? {} : { hint }) }
}
