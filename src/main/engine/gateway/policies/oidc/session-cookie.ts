import { createHash } from 'node:crypto'
import type { OidcSettings } from '../../../../../shared/policies/auth-schemas.js'
import type { RawHeaders } from '../../headers.js'
import { dropText, keepText, keptText, OWN_PREFIX } from './own-cookies.js'
import type { Sealer } from './sealer.js'
import { type Session, sessionSchema } from './session.js'

/** The cookie that says who is signed in. Only the gateway can read or make it. */
export class SessionCookie {
  readonly name: string
  readonly #sealer: Sealer
  readonly #purpose: string

  /** Sessions of other providers or clients have another cookie, and open nothing here. */
  constructor({ issuer, clientId }: OidcSettings, sealer: Sealer) {
    const owner = JSON.stringify([issuer, clientId])
    this.name = `${OWN_PREFIX}${createHash('sha256').update(owner).digest('hex').slice(0, 8)}`
    this.#purpose = `session ${owner}`
    this.#sealer = sealer
  }

  /** @param now milliseconds since the epoch @returns null unless somebody is signed in */
  read(request: RawHeaders, host: string, now: number): Session | null {
    const text = keptText(this.name, request)
    if (text === null) return null
    const session = sessionSchema.safeParse(this.#sealer.open(text, this.#context(host)))
    return session.success && session.data.until > now ? session.data : null
  }

  /**
   * Set-Cookie values that keep the session. What only makes the sign-out smoother is left out when there is no room.
   *
   * @returns null when even then there is none
   */
  write(session: Session, host: string, now: number, request: RawHeaders): string[] | null {
    const seconds = Math.max(1, Math.ceil((session.until - now) / 1_000))
    const { idToken: _, ...smaller } = session
    for (const one of [session, smaller]) {
      const cookies = keepText(this.name, this.#sealer.seal(one, this.#context(host)), seconds, request)
      if (cookies !== null) return cookies
    }
    return null
  }

  drop(request: RawHeaders): string[] {
    return dropText(this.name, request)
  }

  #context(host: string): string {
    return `${this.#purpose} ${host}`
  }
}
