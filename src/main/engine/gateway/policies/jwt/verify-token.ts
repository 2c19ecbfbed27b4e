import type { JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from 'jose'
import type { KeySet, RenewedKeys } from './renewed-keys.js'

type Jose = typeof import('jose')
type Selection = JWTVerifyGetKey

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
    if (this.#selection?.of !== keys) this.#selection = { of: keys, select: selectionOf(jose, keys) }
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

/** A key without an identifier, such as one from a PEM file, may be meant by any identifier that no other key has. */
function selectionOf(jose: Jose, { keys }: KeySet): Selection {
  const named = jose.createLocalJWKSet({ keys })
  const unnamed = keys.filter(({ kid }) => kid === undefined)
  if (unnamed.length === 0) return named
  const others = jose.createLocalJWKSet({ keys: unnamed })
  return (header, token) => {
    if (keys.some(({ kid }) => kid !== undefined && kid === header?.kid)) return named(header, token)
    const { kid: _, ...rest } = header
    return others(rest, token)
  }
}
