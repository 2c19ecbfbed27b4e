/**
 * Frames of each kind that one connection may send in a window before it is taken for an attack. A browser cancels all
 * its streams, 128 at most, with every navigation, and a reload may follow a reload.
 */
const ALLOWED = { reset: 400, ping: 200, settings: 50 } as const
const WINDOW_MS = 10_000

export type FloodKind = keyof typeof ALLOWED

/**
 * Counts what costs a client nothing and the server something: cancelled streams (CVE-2023-44487), PING and SETTINGS
 * frames. Too many within ten seconds and `onFlood` is called, once.
 */
export class FloodGuard {
  readonly #onFlood: () => void
  #counts: Record<FloodKind, number> = { reset: 0, ping: 0, settings: 0 }
  #windowStart = Date.now()
  #tripped = false

  constructor(onFlood: () => void) {
    this.#onFlood = onFlood
  }

  count(kind: FloodKind): void {
    if (this.#tripped) return
    const now = Date.now()
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now
      this.#counts = { reset: 0, ping: 0, settings: 0 }
    }
    this.#counts[kind] += 1
    if (this.#counts[kind] <= ALLOWED[kind]) return
    this.#tripped = true
    this.#onFlood()
  }
}
