import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { optionalDurationMs } from '../../../../../shared/duration.js'
import type { OidcSettings } from '../../../../../shared/policies/auth-schemas.js'
import { secretKeyIn } from '../../../secret-key.js'
import type { Exchange } from '../../exchange.js'
import { GatewayFault } from '../../gateway-fault.js'
import { headerValue } from '../../headers.js'
import { isNavigation } from '../../starting-page.js'
import { CONTINUE, type Decision, refuse } from '../decision.js'
import type { Policy, PolicyScope } from '../policy.js'
import { claimFields, withTrustedFields } from '../trusted-fields.js'
import { cookieFields, forbidden, goTo, isForeign, signedOutPage, signInNeeded } from './oidc-answers.js'
import { oidcPaths } from './oidc-paths.js'
import { withoutOwnCookies } from './own-cookies.js'
import { Provider, ProviderRefused } from './provider.js'
import { Refreshes } from './refreshes.js'
import { Sealer } from './sealer.js'
import { isAllowed, newSession, type Session, type Tokens } from './session.js'
import { SessionCookie } from './session-cookie.js'
import { SignIns } from './sign-ins.js'
import { SignedOut } from './signed-out.js'

const SESSION_MS = 12 * 3_600_000

/** Lets those pass who have signed in at an OpenID provider, by code flow with PKCE. */
export class OidcPolicy implements Policy {
  readonly #settings: OidcSettings
  readonly #app: string
  readonly #paths: ReturnType<typeof oidcPaths>
  readonly #lifetimeMs: number
  readonly #provider: Provider
  readonly #refreshes: Refreshes
  readonly #cookie: SessionCookie
  readonly #signIns: SignIns
  readonly #signedOut = new SignedOut()

  constructor(settings: OidcSettings, { app, route, services: { dataDir, log } }: PolicyScope) {
    const key = secretKeyIn(path.join(dataDir, 'oidc.key'), (err) =>
      log.warn({ err }, 'the key for sign-ins cannot be saved: everybody will have to sign in again after a restart'),
    )
    const sealer = new Sealer(key)
    this.#settings = settings
    this.#app = app
    this.#paths = oidcPaths(settings.path, route)
    this.#lifetimeMs = optionalDurationMs(settings.session) ?? SESSION_MS
    this.#provider = new Provider(settings, dataDir)
    this.#refreshes = new Refreshes(this.#provider, settings, log)
    this.#cookie = new SessionCookie(settings, sealer)
    this.#signIns = new SignIns(`${this.#cookie.name}-`, sealer)
  }

  decide(exchange: Exchange): Decision | Promise<Decision> {
    const { pathname, headers, host } = exchange
    const now = Date.now()
    const read = this.#cookie.read(headers, host, now)
    const session = read === null || this.#signedOut.has(read.id, now) ? null : read
    if (pathname === this.#paths.callback) return this.#callback(exchange, session, now)
    if (pathname === this.#paths.logout) return this.#signOut(exchange, session)
    if (pathname === this.#paths.signedOut) return signedOutPage()
    if (session === null) return this.#demand(exchange, now)
    if (!isAllowed(session.claims, this.#settings.allow)) return this.#notAllowed(exchange)
    const { refreshToken, renewAt = Number.POSITIVE_INFINITY } = session
    // The answer to a WebSocket handshake cannot carry the new cookie, and a token that is used up is no use.
    const mayRenew = exchange.protocol !== 'websocket' && exchange.protocol !== 'h2-websocket'
    if (refreshToken === undefined || renewAt > now || !mayRenew) return this.#pass(exchange, session)
    return this.#renew(exchange, session, refreshToken, now)
  }

  close(): void {
    this.#provider.close()
  }

  #pass(exchange: Exchange, { claims }: Session): Decision {
    const fields = claimFields(claims, this.#settings.headers ?? {})
    exchange.identified = true
    exchange.editRequest((sent) => withTrustedFields(withoutOwnCookies(sent), fields))
    return CONTINUE
  }

  async #renew(exchange: Exchange, session: Session, refreshToken: string, now: number): Promise<Decision> {
    const outcome = await this.#refreshes.refresh(session, refreshToken, now)
    if (outcome.kind === 'over') return this.#demand(exchange, now)
    if (outcome.kind === 'postponed') return this.#pass(exchange, session)
    if (!isAllowed(outcome.session.claims, this.#settings.allow)) return this.#notAllowed(exchange)
    const fields = cookieFields(this.#cookie.write(outcome.session, exchange.host, now, exchange.headers) ?? [])
    exchange.note('oidc', 'refreshed')
    exchange.editAnswer((headers) => headers.push(...forReply(fields, exchange.reply.lowerCaseNames)))
    return this.#pass(exchange, outcome.session)
  }

  /** Sends a person to the provider, and tells everything else that it is not signed in. */
  async #demand(exchange: Exchange, now: number): Promise<Decision> {
    if (!isNavigation(exchange) || exchange.protocol.endsWith('websocket')) {
      exchange.note('oidc', 'refused')
      return signInNeeded(this.#app)
    }
    try {
      const { url, ...secrets } = await this.#provider.begin(this.#at(exchange, this.#paths.callback))
      const signIn = { ...secrets, target: exchange.target, begunAt: now }
      exchange.note('oidc', 'sign-in')
      return goTo(url, this.#signIns.begin(signIn, exchange.host, exchange.headers))
    } catch (error) {
      return this.#unavailable(exchange, error)
    }
  }

  /** The provider has sent the browser back. */
  async #callback(exchange: Exchange, session: Session | null, now: number): Promise<Decision> {
    const url = new URL(exchange.target, exchange.publicOrigin)
    const state = url.searchParams.get('state') ?? ''
    const signIn = this.#signIns.find(state, exchange.host, exchange.headers, now)
    // Somebody went back in the history, or sent the form twice.
    if (signIn === null && session !== null) return goTo(this.#at(exchange, '/'), [])
    if (signIn === null) {
      exchange.note('oidc', 'refused')
      const hint = `Begin again at ${exchange.publicOrigin}/ and have the browser keep cookies.`
      return forbidden('This browser has not begun this sign-in, or it took too long.', hint)
    }
    try {
      const tokens = await this.#provider.complete(url, signIn)
      return this.#signIn(exchange, tokens, signIn, now)
    } catch (error) {
      if (!(error instanceof ProviderRefused)) return this.#unavailable(exchange, error)
      exchange.note('oidc', 'refused')
      const hint = `Begin again at ${exchange.publicOrigin}/`
      return forbidden(`The sign-in did not come about: ${error.message}.`, hint, this.#signIns.end(state))
    }
  }

  #signIn(exchange: Exchange, tokens: Tokens, signIn: { state: string; target: string }, now: number): Decision {
    const over = this.#signIns.end(signIn.state)
    if (!isAllowed(tokens.claims, this.#settings.allow)) return this.#notAllowed(exchange, over)
    const session = newSession(randomBytes(16).toString('base64url'), tokens, this.#settings, now, this.#lifetimeMs)
    const cookies = this.#cookie.write(session, exchange.host, now, exchange.headers)
    if (cookies === null) {
      exchange.note('oidc', 'refused')
      return forbidden(
        'The provider tells more of you than fits into cookies.',
        'Ask for fewer claims in "headers".',
        over,
      )
    }
    exchange.note('oidc', 'signed-in')
    return goTo(this.#at(exchange, signIn.target), [...over, ...cookies])
  }

  async #signOut(exchange: Exchange, session: Session | null): Promise<Decision> {
    if (isForeign(exchange, headerValue(exchange.headers, 'sec-fetch-site'))) {
      return forbidden(
        'Another site may not sign you out.',
        `To sign out, open ${this.#at(exchange, this.#paths.logout)}`,
      )
    }
    const afterwards = this.#at(exchange, this.#paths.signedOut)
    if (session !== null) this.#signedOut.add(session.id, session.until)
    exchange.note('oidc', 'signed-out')
    // A provider that cannot be asked keeps nobody signed in here.
    const url = await this.#provider.signOutUrl(session?.idToken, afterwards).catch(() => null)
    return goTo(url ?? afterwards, this.#cookie.drop(exchange.headers))
  }

  #notAllowed(exchange: Exchange, cookies: readonly string[] = []): Decision {
    exchange.note('oidc', 'refused')
    const hint = `Sign out to come with another account: ${this.#at(exchange, this.#paths.logout)}`
    return forbidden('You are signed in, but may not come here.', hint, cookies)
  }

  #unavailable(exchange: Exchange, error: unknown): Decision {
    if (!(error instanceof GatewayFault)) throw error
    exchange.note('oidc', 'unavailable')
    return refuse(error)
  }

  /** The whole address of a path, as the client knows this host. */
  #at({ publicOrigin }: Exchange, target: string): string {
    return publicOrigin + target
  }
}

function forReply(fields: readonly string[], lowerCase: boolean): readonly string[] {
  return lowerCase ? fields.map((text) => (text === 'Set-Cookie' ? 'set-cookie' : text)) : fields
}
