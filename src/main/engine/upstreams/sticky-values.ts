import { createHash, createHmac, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const KEY_BYTES = 32
const ID_BYTES = 9
const MAC_BYTES = 18

/** The cookie values that lead back to a backend: its id and a signature, in letters that fit into a cookie. */
export class StickyValues {
  readonly #key: () => Buffer

  /** @param key asked for with the first value */
  constructor(key: () => Buffer) {
    this.#key = key
  }

  /** @param identity what tells the backend from all others, the same after a restart */
  of(identity: string): string {
    const id = createHash('sha256').update(identity).digest().subarray(0, ID_BYTES).toString('base64url')
    const mac = createHmac('sha256', this.#key()).update(id).digest().subarray(0, MAC_BYTES).toString('base64url')
    return `${id}.${mac}`
  }
}

/**
 * The key in a file that only its owner may read, made when there is none. Read once, and so soon that a write without
 * waiting disturbs nobody.
 *
 * @param onUnwritable hears why clients will not find back after a restart
 */
export function stickyKeyIn(file: string, onUnwritable: (error: unknown) => void): () => Buffer {
  let key: Buffer | null = null
  return () => {
    key ??= readKey(file) ?? makeKey(file, onUnwritable)
    return key
  }
}

function readKey(file: string): Buffer | null {
  try {
    const key = readFileSync(file)
    return key.length === KEY_BYTES ? key : null
  } catch {
    return null
  }
}

function makeKey(file: string, onUnwritable: (error: unknown) => void): Buffer {
  const key = randomBytes(KEY_BYTES)
  try {
    writeFileSync(file, key, { mode: 0o600 })
  } catch (error) {
    onUnwritable(error)
  }
  return key
}
