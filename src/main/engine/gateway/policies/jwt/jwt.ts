import { performance } from 'node:perf_hooks'
import type { JWTPayload } from 'jose'
import { optionalDurationMs } from '../../../../../shared/duration.js'
import type { JwtSettings } from '../../../../../shared/policies/auth-schemas.js'
import type { Exchange } from '../../exchange.js'
import { GatewayFault } from '../../gateway-fault.js'
import { CONTINUE, type Decision, refuse } from '../decision.js'
import type { Policy, PolicyScope } from '../policy.js'
import { claimFields, withTrustedFields } from '../trusted-fields.js'
import { bearerFault, invalidReason, type TokenProblem } from './bearer-fault.js'
import { bearerToken } from './bearer-token.js'
import { keysInFile, publishedKeys } from './key-source.js'
import { missingClaim } from './required-claims.js'
import { TokenVerifier } from './verify-token.js'

/** Never `none`, and never HMAC: a public key would be the secret. */
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')
const CLOCK_SKEW_MS = 30_000

/** Lets requests with a valid bearer token pass (RFC 7519, RFC 6750). */
export class JwtPolicy implements Policy {
  readonly #settings: JwtSettings
  readonly #realm: string
  readonly #verifier: TokenVerifier
  readonly #closeKeys: () => void

  constructor(settings: JwtSettings, { app, services }: PolicyScope) {
    const { jwks, keyFile, algorithms, clockSkew, issuer, audience } = settings
    const { keys, close } = jwks === undefined ? keysInFile(keyFile ?? '', services) : publishedKeys(jwks, services)
    this.#settings = settings
    this.#realm = app
    this.#closeKeys = close
    this.#verifier = new TokenVerifier(keys, {
      algorithms: algorithms ?? ALGORITHMS,
      clockTolerance: (optionalDurationMs(clockSkew) ?? CLOCK_SKEW_MS) / 1_000,
      // A token that never expires could not be taken back.
      requiredClaims: ['exp'],
      ...(issuer === undefined ? {} : { issuer }),
      ...(audience === undefined ? {} : { audience }),
    })
  }

  decide(exchange: Exchange): Decision | Promise<Decision> {
    const found = bearerToken(exchange.headers, this.#settings.cookie ?? null)
    if (found === 'none' || found === 'malformed') return this.#refuse(exchange, { kind: found })
    return this.#verify(exchange, found.token)
  }

  close(): void {
    this.#closeKeys()
  }

  async #verify(exchange: Exchange, token: string): Promise<Decision> {
    let claims: JWTPayload
    try {
      claims = await this.#verifier.verify(token, performance.now())
    } catch (error) {
      if (!(error instanceof GatewayFault))
        return this.#refuse(exchange, { kind: 'invalid', reason: invalidReason(error) })
      exchange.note('jwt', 'unavailable')
      return refuse(error)
    }
    const missing = missingClaim(claims, this.#settings.claims ?? {})
    if (missing !== null) return this.#refuse(exchange, this.#insufficient(missing))
    const { headers } = this.#settings
    exchange.identified = true
    if (headers !== undefined) {
      const fields = claimFields(claims, headers)
      exchange.editRequest((sent) => withTrustedFields(sent, fields))
    }
    return CONTINUE
  }

  #refuse(exchange: Exchange, problem: TokenProblem): Decision {
    exchange.note('jwt', 'refused')
    return refuse(bearerFault(problem, this.#realm))
  }

  #insufficient(claim: string): TokenProblem {
    const wanted = this.#settings.claims?.[claim]
    const scope = claim === 'scope' || claim === 'scp' ? [wanted].flat().join(' ') : null
    return { kind: 'insufficient', claim, scope }
  }
}
