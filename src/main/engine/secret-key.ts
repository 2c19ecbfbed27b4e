import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const KEY_BYTES = 32

/**
 * The 32 bytes of a key in a file that only its owner may read, made when there is none. Read once, and so soon that a write without
 * waiting disturbs nobody.
 *
 * @param onUnwritable hears why what was made with it is worth nothing after a restart
 */
export function secretKeyIn(file: string, onUnwritable: (error: unknown) => void): () => Buffer {
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
