import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts and authenticates what is kept at the client (AES-256-GCM). */
export class Sealer {
  readonly #key: () => Buffer

  /** @param key 32 bytes; asked for with the first use */
  constructor(key: () => Buffer) {
    this.#key = key
  }

  /** @param context what the text is for; it opens for nothing else */
  seal(value: unknown, context: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key(), nonce).setAAD(Buffer.from(context))
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
  }

  /** @returns what was sealed for this context; null for everything else, whatever it is */
  open(text: string, context: string): unknown {
    const bytes = Buffer.from(text, 'base64url')
    // What decodes to the same bytes is not the same text.
    if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== text) return null
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES)
    const options = { authTagLength: TAG_BYTES }
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key(), nonce, options)
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
      const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
      return JSON.parse(opened.toString('utf8'))
    } catch {
      return null
    }
  }
}
