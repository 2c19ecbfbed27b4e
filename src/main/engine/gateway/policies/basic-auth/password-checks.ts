import { createHmac, randomBytes } from 'node:crypto'
import { BcryptThread } from './bcrypt-thread.js'
import { CheckQueue } from './check-queue.js'
import type { Credentials } from './credentials.js'
import { matchesScrypt, parseScrypt } from './scrypt-hash.js'

/** How long credentials that were right are not checked again. */
const KEPT_MS = 60_000
const KEPT_MOST = 1_000
/** Two of the four threads that files and names need too. */
const BOUNDS = { running: 2, waiting: 64, waitingOfClient: 8 }

/** Checks user names and passwords against hashes, in a time that does not tell whether there is such a user. */
export class PasswordChecks {
  readonly #users: ReadonlyMap<string, string>
  readonly #hashes: readonly string[]
  readonly #key = randomBytes(32)
  /** until when, by an HMAC of the credentials: they themselves are not kept */
  readonly #right = new Map<string, number>()
  /** requests that come at once with the same credentials are one check */
  readonly #running = new Map<string, Promise<boolean>>()
  readonly #queue = new CheckQueue(BOUNDS)
  readonly #bcrypt = new BcryptThread()

  /** @param users hashes by user name */
  constructor(users: Record<string, string>) {
    this.#users = new Map(Object.entries(users).map(([user, hash]) => [user.normalize('NFC'), hash]))
    this.#hashes = [...this.#users.values()]
  }

  /**
   * @param client whose turn it takes
   * @param now milliseconds since the epoch
   * @returns true at once when they have been right a moment ago; null when too many checks wait already
   */
  check(credentials: Credentials, client: string, now: number): true | null | Promise<boolean> {
    const id = this.#digest(`${credentials.user}:${credentials.password}`).toString('base64')
    const until = this.#right.get(id)
    if (until !== undefined && until > now) return true
    const running = this.#running.get(id)
    if (running !== undefined) return running
    const check = this.#queue.run(client, () => this.#matches(credentials))
    if (check === null) return null
    const kept = check
      .then((right) => {
        if (right) this.#keep(id, now + KEPT_MS)
        return right
      })
      .finally(() => this.#running.delete(id))
    this.#running.set(id, kept)
    return kept
  }

  close(): void {
    this.#bcrypt.close()
  }

  /** A name that nobody has is checked against the hash of somebody, always the same one, and never right. */
  async #matches({ user, password }: Credentials): Promise<boolean> {
    const own = this.#users.get(user)
    const decoy = this.#hashes[this.#digest(user).readUInt32LE() % this.#hashes.length] as string
    const hash = own ?? decoy
    const scrypt = parseScrypt(hash)
    const matches = await (scrypt === null ? this.#bcrypt.matches(password, hash) : matchesScrypt(password, scrypt))
    return matches && own !== undefined
  }

  #keep(id: string, until: number): void {
    this.#right.delete(id)
    this.#right.set(id, until)
    if (this.#right.size <= KEPT_MOST) return
    const [oldest] = this.#right.keys()
    if (oldest !== undefined) this.#right.delete(oldest)
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }
}
