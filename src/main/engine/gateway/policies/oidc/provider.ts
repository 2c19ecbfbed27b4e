import type { Configuration } from 'openid-client'
import type { OidcSettings } from '../../../../../shared/policies/auth-schemas.js'
import { GatewayFault } from '../../gateway-fault.js'
import { Outbound, reasonOf } from '../outbound.js'
import { lacksClaims, type Tokens } from './session.js'

const REQUEST_SECONDS = 10
/** So often a provider that could not be reached is asked who it is. */
const COOLDOWN_MS = 2_000

type Client = typeof import('openid-client')

/** The provider has said no: to this person, this code or this token. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused'
}

/** The OpenID provider, found out about with the first sign-in. */
export class Provider {
  readonly #settings: OidcSettings
  readonly #outbound: Outbound
  readonly #scope: string
  #discovered: Promise<Configuration> | null = null
  #failed: { at: number; error: unknown } | null = null

  constructor(settings: OidcSettings, dataDir: string) {
    this.#settings = settings
    this.#outbound = new Outbound(dataDir, settings.caFile ?? null)
    this.#scope = [...new Set(['openid', ...(settings.scopes ?? ['profile', 'email'])])].join(' ')
  }

  /**
   * Begins a sign-in.
   *
   * @param redirectUri where the provider sends the browser back to
   * @throws GatewayFault when the provider cannot be asked
   */
  async begin(redirectUri: string): Promise<{ url: string; state: string; nonce: string; verifier: string }> {
    return this.#asking(async (client, configuration) => {
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()]
      const url = client.buildAuthorizationUrl(configuration, {
        ...{ redirect_uri: redirectUri, scope: this.#scope, state, nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        // Otherwise the scope is to be ignored (OpenID Connect Core section 11).
        ...(this.#scope.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
      })
      return { url: url.href, state, nonce, verifier }
    })
  }

  /**
   * Ends a sign-in with what the provider sent along with the browser.
   *
   * @throws ProviderRefused; GatewayFault when the provider cannot be asked
   */
  async complete(
    url: URL,
    { state, nonce, verifier }: { state: string; nonce: string; verifier: string },
  ): Promise<Tokens> {
    return this.#asking(async (client, configuration) => {
      const answer = await client.authorizationCodeGrant(configuration, url, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      })
      const claims = answer.claims() as Record<string, unknown> & { sub: string }
      return tokensOf(answer, await this.#withUserInfo(client, configuration, claims, answer.access_token))
    })
  }

  /** @throws ProviderRefused when the session is over; GatewayFault when the provider cannot be asked */
  async refresh(refreshToken: string, sub: unknown): Promise<Tokens> {
    return this.#asking(async (client, configuration) => {
      const answer = await client.refreshTokenGrant(configuration, refreshToken)
      const claims = answer.claims() ?? {}
      if ('sub' in claims && claims.sub !== sub) throw new ProviderRefused('the provider tells of somebody else')
      return tokensOf(answer, claims)
    })
  }

  /** Where to sign out; null when the provider offers nothing. @throws GatewayFault when it cannot be asked */
  async signOutUrl(idToken: string | undefined, afterwards: string): Promise<string | null> {
    return this.#asking(async (client, configuration) => {
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null
      const hint: Record<string, string> = idToken === undefined ? {} : { id_token_hint: idToken }
      return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: afterwards, ...hint }).href
    })
  }

  close(): void {
    this.#outbound.close()
  }

  async #asking<T>(ask: (client: Client, configuration: Configuration) => Promise<T>): Promise<T> {
    const client = await import('openid-client')
    const { issuer } = this.#settings
    const configuration = await this.#configuration(client).catch((error: unknown) => {
      throw unreachable(issuer, reasonOf(error), error)
    })
    try {
      return await ask(client, configuration)
    } catch (error) {
      if (error instanceof ProviderRefused) throw error
      const refusal = refusalIn(client, error)
      if (refusal !== null) throw new ProviderRefused(refusal, { cause: error })
      throw unreachable(issuer, error instanceof client.ResponseBodyError ? error.error : reasonOf(error), error)
    }
  }

  #configuration(client: Client): Promise<Configuration> {
    const { at, error } = this.#failed ?? { at: Number.NEGATIVE_INFINITY, error: null }
    if (this.#discovered === null && performance.now() - at < COOLDOWN_MS) return Promise.reject(error)
    this.#discovered ??= this.#discover(client).catch((thrown: unknown) => {
      this.#discovered = null
      this.#failed = { at: performance.now(), error: thrown }
      throw thrown
    })
    return this.#discovered
  }

  async #discover(client: Client): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings
    const url = new URL(issuer)
    // The config refuses plain HTTP beyond this machine.
    const insecure = url.protocol === 'http:' ? [client.allowInsecureRequests] : []
    const authentication = clientSecret === undefined ? client.None() : undefined
    return client.discovery(url, clientId, clientSecret, authentication, {
      execute: [client.enableNonRepudiationChecks, ...insecure],
      timeout: REQUEST_SECONDS,
      [client.customFetch]: async (target, init) =>
        (await this.#outbound.fetch(target, init as never)) as unknown as Response,
    })
  }

  /** Providers may tell of the rest only when asked for it (OpenID Connect Core section 5.4). */
  async #withUserInfo(
    client: Client,
    configuration: Configuration,
    claims: Record<string, unknown> & { sub: string },
    accessToken: string,
  ): Promise<Record<string, unknown>> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined || !lacksClaims(claims, this.#settings))
      return claims
    return { ...(await client.fetchUserInfo(configuration, accessToken, claims.sub)), ...claims }
  }
}

interface TokenAnswer {
  refresh_token?: string
  id_token?: string
  expires_in?: number
}

function tokensOf(answer: TokenAnswer, claims: Record<string, unknown>): Tokens {
  return { claims, refreshToken: answer.refresh_token, idToken: answer.id_token, expiresIn: answer.expires_in }
}

/** What the provider said when it refused, fit for a page; null when it did not. */
function refusalIn(client: Client, error: unknown): string | null {
  const refused = error instanceof client.ResponseBodyError && error.error === 'invalid_grant'
  if (refused || error instanceof client.AuthorizationResponseError)
    return (error.error_description ?? error.error).replace(/\p{Cc}/gu, ' ').slice(0, 300)
  const code = error instanceof client.ClientError ? error.code : undefined
  return code !== undefined && INVALID.has(code) ? 'its answer does not belong to this sign-in' : null
}

/** Of the checks of state, nonce, issuer and times. */
const INVALID = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** @param reason a few words */
function unreachable(issuer: string, reason: string, cause: unknown): GatewayFault {
  return new GatewayFault(
    'upstream-failed',
    502,
    `The identity provider ${new URL(issuer).origin} gives no useful answer (${reason.replace(/\p{Cc}/gu, ' ').slice(0, 200)}).`,
    'Check that it runs, and "issuer", "clientId", "clientSecret" and "caFile" in the config.',
    [],
    { cause },
  )
}
