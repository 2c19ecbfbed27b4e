import { createHash, createHmac } from 'node:crypto'

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
