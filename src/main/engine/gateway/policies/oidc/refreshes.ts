import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { OidcSettings } from '../../../../../shared/policies/auth-schemas.js'
import { type Provider, ProviderRefused } from './provider.js'
import { renewedSession, type Session } from './session.js'

/** How long requests that were sent with the former cookie get the outcome of the one refresh. */
const REMEMBERED_MS = 60_000
const REMEMBERED_MOST = 1_000

export type Refresh =
  | { kind: 'renewed'; session: Session }
  /** the provider has ended the session */
  | { kind: 'over' }
  /** the provider cannot be asked now: the session goes on until its own end */
  | { kind: 'postponed' }

/** Refreshes sessions, each once: many providers take a token that is used twice for a stolen one (RFC 9700 section 4.14). */
export class Refreshes {
  readonly #provider: Provider
  readonly #settings: OidcSettings
  readonly #log: Pick<Logger, 'warn'>
  readonly #known = new Map<string, { outcome: Promise<Refresh>; until: number }>()

  constructor(provider: Provider, settings: OidcSettings, log: Pick<Logger, 'warn'>) {
    this.#provider = provider
    this.#settings = settings
    this.#log = log
  }

  /** @param now milliseconds since the epoch */
  refresh(session: Session, refreshToken: string, now: number): Promise<Refresh> {
    const id = createHash('sha256').update(refreshToken).digest('base64url')
    const known = this.#known.get(id)
    if (known !== undefined && known.until > now) return known.outcome
    const outcome = this.#ask(session, refreshToken, now)
    this.#known.delete(id)
    this.#known.set(id, { outcome, until: now + REMEMBERED_MS })
    if (this.#known.size > REMEMBERED_MOST) {
      const [oldest] = this.#known.keys()
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    return outcome
  }

  async #ask(session: Session, refreshToken: string, now: number): Promise<Refresh> {
    try {
      const tokens = await this.#provider.refresh(refreshToken, session.claims.sub)
      return { kind: 'renewed', session: renewedSession(session, tokens, this.#settings, now) }
    } catch (error) {
      if (error instanceof ProviderRefused) return { kind: 'over' }
      this.#log.warn({ issuer: this.#settings.issuer, err: error }, 'a sign-in could not be renewed; it goes on')
      return { kind: 'postponed' }
    }
  }
}
