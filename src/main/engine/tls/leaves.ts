import type { Logger } from 'pino'
import type { Authority } from './authority.js'
import { issuerOf, KeyLocked } from './authority-key.js'
import { issueLeaf } from './issue.js'
import { checkLeaf, sameNames } from './leaf.js'
import { DEFAULT_LEAF, type LeafWish } from './leaf-name.js'
import type { LeafStore } from './leaf-store.js'
import { ownerName } from './new-authority.js'
import { permits } from './permitted-names.js'
import { outsideFault } from './problems.js'
import { LEAF_LIFE_MS, renewalState, validityFrom } from './renewal.js'
import { type CertificateInfo, type Served, serve } from './secure-context.js'

/** More first handshakes than this at once are a flood: each costs a few milliseconds of a core. */
const MAX_FLIGHTS = 256
const RETRY_AFTER_MS = 60_000

export interface LeavesOptions {
  authority: Authority
  store: LeafStore
  log: Logger
  /** milliseconds since the epoch */
  now: () => number
  /** how many leaves stay in memory; the one unused for longest goes first */
  limit: number
  /** called whenever a leaf takes the place of none or of an older one */
  onServed: (leaf: Served) => unknown
  /** called when a leaf that the config names can be had no more, or again */
  onProblem?: () => void
}

interface Entry {
  wish: LeafWish
  leaf: Served
  /** a failed renewal is not tried again before this time */
  retryAt: number
  /** why it could not be renewed; null when nothing failed */
  problem: string | null
}

/** The leaves of the local authority: each made once however many ask, kept in memory and on disk, renewed in time. */
export class Leaves {
  readonly #options: LeavesOptions
  /** in order of last use */
  readonly #entries = new Map<string, Entry>()
  readonly #flights = new Map<string, Promise<Served>>()
  /** why there is no leaf of a name that the config has: the key of the authority is out of reach */
  readonly #locked = new Map<string, string>()

  constructor(options: LeavesOptions) {
    this.#options = options
  }

  /**
   * The leaf to serve now: at once from memory, else from disk, else newly issued. One that is due for renewal is
   * still served, while its successor is made. Rejects when it cannot be issued, or too many are being issued.
   */
  get(wish: LeafWish): Served | Promise<Served> {
    const entry = this.#entries.get(wish.name)
    if (entry === undefined || !sameNames(entry.wish.names, wish.names)) return this.#obtain(wish)
    const state = renewalState(entry.leaf.validity, this.#options.now())
    if (state === 'unusable') return this.#obtain(wish)
    if (state === 'due') void this.#renew(entry)
    this.#entries.delete(wish.name)
    this.#entries.set(wish.name, entry)
    return entry.leaf
  }

  /** Renews whatever is due; failures are logged, and the old leaf stays. */
  async renewDue(): Promise<void> {
    const { now } = this.#options
    const due = [...this.#entries.values()].filter((entry) => renewalState(entry.leaf.validity, now()) !== 'fresh')
    for (const entry of due) await this.#renew(entry)
  }

  /** Drops the leaves in memory that `keep` does not want. Those on disk stay, for a host that comes back. */
  retain(keep: (name: string) => boolean): void {
    for (const known of [this.#entries, this.#locked])
      for (const name of [...known.keys()]) if (!keep(name)) known.delete(name)
  }

  list(): CertificateInfo[] {
    return [...this.#entries.values()].map(({ leaf }) => leaf.info)
  }

  /** The leaf that lies on disk for a wish, in memory or not; null when there is none that may be served. */
  async kept(wish: LeafWish): Promise<CertificateInfo | null> {
    return (await this.#fromDisk(wish))?.info ?? null
  }

  /** Why the leaf of a name could not be renewed; null when nothing failed. */
  problem(name: string): string | null {
    return this.#entries.get(name)?.problem ?? null
  }

  /** Why there is no leaf of a name at all; null when there is one, or nobody has asked for it. */
  missing(name: string): string | null {
    return this.#locked.get(name) ?? null
  }

  /** Issues a leaf anew, whatever there is. New handshakes get it; rejects when it cannot be issued. */
  reissue(wish: LeafWish): Promise<Served> {
    return this.#once(wish, () => this.#issue(wish))
  }

  #obtain(wish: LeafWish): Promise<Served> {
    return this.#once(wish, async () => (await this.#fromDisk(wish)) ?? (await this.#issueOrKept(wish)))
  }

  /** Without the key the leaf for clients that name no host, made for other addresses, is better than none. */
  async #issueOrKept(wish: LeafWish): Promise<Served> {
    try {
      return await this.#issue(wish)
    } catch (error) {
      if (!(error instanceof KeyLocked)) throw error
      const kept = wish.name === DEFAULT_LEAF ? await this.#fromDisk(wish, null) : null
      if (kept !== null) return kept
      this.#noteLocked(wish, error)
      throw error
    }
  }

  /** Told once, however many handshakes there are. */
  #noteLocked({ name, keep }: LeafWish, { message }: KeyLocked): void {
    if (!keep || this.#locked.get(name) === message) return
    this.#locked.set(name, message)
    this.#options.log.warn({ leaf: name, reason: message }, 'certificate not issued')
    this.#options.onProblem?.()
  }

  async #renew(entry: Entry): Promise<void> {
    const { log, now } = this.#options
    if (now() < entry.retryAt) return
    try {
      await this.#once(entry.wish, () => this.#issue(entry.wish))
    } catch (error) {
      entry.retryAt = now() + RETRY_AFTER_MS
      entry.problem = error instanceof Error ? error.message : String(error)
      log.warn({ leaf: entry.wish.name, err: error }, 'certificate not renewed: the old one is served')
    }
  }

  #once(wish: LeafWish, make: () => Promise<Served>): Promise<Served> {
    const key = [wish.name, ...wish.names].join(' ')
    const current = this.#flights.get(key)
    if (current !== undefined) return current
    if (this.#flights.size >= MAX_FLIGHTS) return Promise.reject(new Error('too many certificates are being issued'))
    const flight = make()
      .then((leaf) => this.#remember(wish, leaf))
      .finally(() => this.#flights.delete(key))
    this.#flights.set(key, flight)
    return flight
  }

  #remember(wish: LeafWish, leaf: Served): Served {
    if (this.#locked.delete(wish.name)) this.#options.onProblem?.()
    this.#entries.delete(wish.name)
    this.#entries.set(wish.name, { wish, leaf, retryAt: 0, problem: null })
    for (const name of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.limit) break
      this.#entries.delete(name)
    }
    this.#options.onServed(leaf)
    return leaf
  }

  async #fromDisk(wish: LeafWish, names: readonly string[] | null = wish.names): Promise<Served | null> {
    const { store, authority, log, now } = this.#options
    if (!wish.keep) return null
    try {
      const pair = await store.read(wish.name)
      if (pair === null) return null
      const check = checkLeaf(pair, authority, names, now())
      if (check.ok) return serve(wish.name, 'local', pair)
      log.info({ leaf: wish.name, reason: check.reason }, 'certificate on disk is not fit: issuing another')
    } catch (error) {
      log.warn({ leaf: wish.name, err: error }, 'certificate on disk cannot be read: issuing another')
    }
    return null
  }

  async #issue(wish: LeafWish): Promise<Served> {
    const { store, authority, log, now } = this.#options
    const outside = wish.names.find((name) => !permits(authority.constraints, name))
    if (outside !== undefined && wish.name !== DEFAULT_LEAF) throw outsideFault(outside)
    const validity = validityFrom(now(), LEAF_LIFE_MS, authority.notAfter.getTime())
    const subject = { organization: 'Portico development certificate', organizationalUnit: ownerName().slice(0, 64) }
    const pair = await issueLeaf(await issuerOf(authority), subject, wish.names, validity)
    const leaf = serve(wish.name, 'local', pair)
    log.info(
      { leaf: wish.name, notAfter: leaf.info.notAfter, fingerprint: leaf.info.fingerprint },
      'issued certificate',
    )
    if (wish.keep) {
      await store.write(wish.name, pair).catch((error) => {
        log.warn({ leaf: wish.name, err: error }, 'certificate not saved: it is served from memory')
      })
    }
    return leaf
  }
}
