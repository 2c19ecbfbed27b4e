import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, as text that fits into a URL and a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of a secret: enough to know it again, nothing to use it with. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

/** Whether two hashes are the same, in a time that does not tell how much of them is. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}
