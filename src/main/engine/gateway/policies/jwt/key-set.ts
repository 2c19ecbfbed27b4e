import { createPublicKey } from 'node:crypto'
import type { JSONWebKeySet, JWK } from 'jose'

/** The text that keys were to be in is not. */
export class NoKeys extends Error {
  override readonly name = 'NoKeys'
}

/**
 * Public keys from a JWK set (RFC 7517), one JWK, or PEM blocks: SPKI, PKCS #1 or certificates. Secret keys are left out:
 * what verifies must not be able to sign.
 *
 * @throws NoKeys with what is wrong in words
 */
export function parseKeySet(text: string): JSONWebKeySet {
  const keys = text.trimStart().startsWith('{') ? jwks(text) : pem(text)
  if (keys.length === 0) throw new NoKeys('there is no public key in it')
  return { keys }
}

const PUBLIC_TYPES = new Set(['RSA', 'EC', 'OKP'])

function jwks(text: string): JWK[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new NoKeys('it is not valid JSON')
  }
  const found = (parsed as { keys?: unknown }).keys ?? [parsed]
  if (!Array.isArray(found)) throw new NoKeys('it is not a JWK set')
  return found.filter(
    (key): key is JWK => typeof key === 'object' && key !== null && PUBLIC_TYPES.has(String(key.kty)) && !('d' in key),
  )
}

function pem(text: string): JWK[] {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g) ?? []
  return blocks.flatMap((block) => {
    if (block.includes('PRIVATE KEY')) return []
    try {
      return [createPublicKey(block).export({ format: 'jwk' }) as JWK]
    } catch {
      throw new NoKeys('a PEM block in it is no public key')
    }
  })
}
