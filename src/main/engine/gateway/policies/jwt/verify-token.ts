import type { JWTPayload, JWTVerifyOptions } from 'jose'
import type { KeySet, RenewedKeys } from './renewed-keys.js'

type Jose = typeof import('jose')
type Selection = ReturnType<Jose['createLocalJWKSet']>

/** Verifies tokens with the keys of a source. */
export class TokenVerifier {
  readonly #keys: RenewedKeys
  readonly #options: JWTVerifyOptions
  #selection: { of: KeySet; select: Selection } | null = null

  constructor(keys: RenewedKeys, options: JWTVerifyOptions) {
    this.#keys = keys
    this.#options = options
  }

  /**
   * @param now milliseconds that only grow
   * @returns the claims
   * @throws JOSEError for a token that is not valid; what the source throws when it has no keys
   */
  async verify(token: string, now: number): Promise<JWTPayload> {
    const jose = await import('jose')
    try {
      return await this.#with(jose, await this.#keys.current(now), token)
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error
      const renewed = await this.#keys.renewed(now)
      if (renewed === null) throw error
      return this.#with(jose, renewed, token)
    }
  }

  async #with(jose: Jose, keys: KeySet, token: string): Promise<JWTPayload> {
    if (this.#selection?.of !== keys) this.#selection = { of: keys, select: jose.createLocalJWKSet(keys) }
    try {
      return (await jose.jwtVerify(token, this.#selection.select, this.#options)).payload
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error
      return this.#withAny(jose, error, token)
    }
  }

  /** The token names none of the keys, and several fit. */
  async #withAny(jose: Jose, several: InstanceType<Jose['errors']['JWKSMultipleMatchingKeys']>, token: string) {
    for await (const key of several) {
      try {
        return (await jose.jwtVerify(token, key, this.#options)).payload
      } catch (error) {
        if (!(error instanceof jose.errors.JWSSignatureVerificationFailed)) throw error
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed()
  }
}
