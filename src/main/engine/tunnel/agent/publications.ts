import type { AgentMessage } from '../control-messages.js'

type PublishMessage = Extract<AgentMessage, { type: 'publish' }>

/** An app that is to be reached under a name of the relay's domain. */
export type Publication = Omit<PublishMessage, 'type' | 'again'>

/** Where a publication stands. */
export type PublicationState =
  | { state: 'asked' }
  /** @param until clock of `Date.now()`; null: as long as the agent is connected */
  | { state: 'published'; url: string; until: number | null }
  | { state: 'refused'; reason: string }

interface Entry {
  wish: Publication
  at: PublicationState
  until: number | null
  wasPublished: boolean
}

/** What an agent publishes, over all of its connections. */
export class Publications {
  readonly #wishes = new Map<string, Entry>()

  /** @param now `Date.now()`, from which its lifetime counts until the relay has told a time */
  add(wish: Publication, now: number): void {
    const until = wish.lifetimeMs === null ? null : now + wish.lifetimeMs
    this.#wishes.set(wish.name, { wish, at: { state: 'asked' }, until, wasPublished: false })
  }

  remove(name: string): boolean {
    return this.#wishes.delete(name)
  }

  has(name: string): boolean {
    return this.#wishes.has(name)
  }

  published(name: string, url: string, expires: string | null): boolean {
    const entry = this.#wishes.get(name)
    if (entry === undefined) return false
    if (expires !== null) entry.until = Date.parse(expires)
    entry.at = { state: 'published', url, until: entry.until }
    entry.wasPublished = true
    return true
  }

  /**
   * @returns whether to ask again: what was published before, and is refused after a reconnect, may still be held by a
   *   connection that the relay has not missed yet. Anything else is forgotten.
   */
  refused(name: string, reason: string): boolean {
    const entry = this.#wishes.get(name)
    if (entry === undefined) return false
    entry.at = { state: 'refused', reason }
    if (!entry.wasPublished) this.#wishes.delete(name)
    return entry.wasPublished
  }

  /** The relay of a new connection knows nothing of what the one before it was told. */
  disconnected(): void {
    for (const entry of this.#wishes.values()) entry.at = { state: 'asked' }
  }

  /** What is not published now, to be asked for with what is left of its lifetime. @param now `Date.now()` */
  outstanding(now: number): AgentMessage[] {
    return [...this.#wishes.values()].flatMap(({ wish, until, at, wasPublished }) => {
      if (at.state === 'published') return []
      const left = until === null ? wish.lifetimeMs : Math.ceil(until - now)
      return left !== null && left <= 0
        ? []
        : [{ type: 'publish' as const, ...wish, lifetimeMs: left, ...(wasPublished ? { again: true } : {}) }]
    })
  }

  /** Names whose lifetime is over. They are taken out. */
  takeExpired(now: number): string[] {
    const expired = [...this.#wishes].filter(([, { until }]) => until !== null && until <= now).map(([name]) => name)
    for (const name of expired) this.#wishes.delete(name)
    return expired
  }

  list(): { name: string; at: PublicationState }[] {
    return [...this.#wishes.values()].map(({ wish, at }) => ({ name: wish.name, at }))
  }
}
