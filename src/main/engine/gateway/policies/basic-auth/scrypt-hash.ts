import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** The parameters of scrypt (RFC 7914): 2^ln is the cost, r the size of a block, p how often. */
export interface ScryptHash {
  ln: number
  r: number
  p: number
  salt: Buffer
  hash: Buffer
}

/** 32 MiB and about 0.2 s: as hard as OWASP recommends. */
const STANDARD = { ln: 15, r: 8, p: 3 }
const SALT_BYTES = 16
const HASH_BYTES = 32
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** A hash with a new salt, as `$scrypt$ln=15,r=8,p=3$salt$hash` with Base64 without padding. */
export async function hashScrypt(password: string): Promise<string> {
  const settings = { ...STANDARD, salt: randomBytes(SALT_BYTES) }
  const hash = await derive(password, settings, HASH_BYTES)
  const { ln, r, p, salt } = settings
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`
}

/** @returns null when the text is not such a hash */
export function parseScrypt(text: string): ScryptHash | null {
  const match = FORM.exec(text)
  if (match === null) return null
  const [, ln, r, p, salt = '', hash = ''] = match
  return {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

/** Off the main thread, in constant time. */
export async function matchesScrypt(password: string, wanted: ScryptHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, wanted, wanted.hash.length), wanted.hash)
}

type Parameters = Omit<ScryptHash, 'hash'>

function derive(password: string, { ln, r, p, salt }: Parameters, bytes: number): Promise<Buffer> {
  const cost = 2 ** ln
  return new Promise((resolve, reject) => {
    // Node wants a little more than the 128·N·r bytes of the algorithm.
    scrypt(
      password,
      salt,
      bytes,
      { cost, blockSize: r, parallelization: p, maxmem: 128 * r * (cost + p + 2) },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    )
  })
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
