import { hashOf, newSecret, sameHash } from './secret.js'

export const TOKEN_MS = 5 * 60_000
/** Links that wait to be opened; the oldest gives way. */
const MAX_TOKENS = 8
const MAX_FAILURES = 20
const FAILURES_MS = 60_000
const MAX_CLIENTS = 1_000

export type Redeemed = 'ok' | 'refused' | 'too-many'

interface Token {
  hash: Buffer
  expires: number
  /** for no other user of this machine */
  sameUser: boolean
}

/** The one-time links to the panel: each works once, for five minutes, and guessing is slowed down. */
export class LoginTokens {
  readonly #now: () => number
  #tokens: Token[] = []
  readonly #failures = new Map<string, { count: number; since: number }>()

  /** @param now milliseconds since the epoch */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  issue(sameUser = false): string {
    const token = newSecret()
    const expires = this.#now() + TOKEN_MS
    this.#tokens = [...this.#live(), { hash: hashOf(token), expires, sameUser }].slice(-MAX_TOKENS)
    return token
  }

  /**
   * Uses a token up.
   *
   * @param client address of the peer, whose wrong tokens are counted: after 20 in a minute none of its is looked at
   * @param otherUser the peer is known to be another user's, for whom some tokens do not work and are not used up
   */
  redeem(token: string, client: string, otherUser = false): Redeemed {
    const failures = this.#failuresOf(client)
    if (failures.count >= MAX_FAILURES) return 'too-many'
    const hash = hashOf(token)
    const live = this.#live()
    const left = live.filter((one) => !sameHash(one.hash, hash) || (one.sameUser && otherUser))
    this.#tokens = left
    if (left.length < live.length) return 'ok'
    failures.count += 1
    return 'refused'
  }

  #live(): Token[] {
    const now = this.#now()
    return this.#tokens.filter(({ expires }) => expires > now)
  }

  #failuresOf(client: string): { count: number; since: number } {
    const now = this.#now()
    const known = this.#failures.get(client)
    if (known !== undefined && now - known.since < FAILURES_MS) return known
    if (this.#failures.size >= MAX_CLIENTS) this.#failures.clear()
    const fresh = { count: 0, since: now }
    this.#failures.set(client, fresh)
    return fresh
  }
}
