import path from 'node:path'
import type { Logger } from 'pino'
import { type Authority, openAuthority } from './authority.js'
import { LeafStore } from './leaf-store.js'
import { Leaves } from './leaves.js'
import { permits } from './permitted-names.js'
import { authorityProblems } from './problems.js'
import { type RotationChange, rotateAuthority } from './rotation.js'
import type { Served } from './secure-context.js'

const LEAVES_IN_MEMORY = 1_000

export interface LocalCaOptions {
  /** holds `ca/` and `certs/`, both made when needed */
  dataDir: string
  log: Logger
  /** milliseconds since the epoch */
  now: () => number
  /** how many leaves stay in memory, 1000 unless told */
  leavesInMemory?: number | undefined
  /** called whenever a leaf takes the place of none or of an older one */
  onServed: (leaf: Served) => void
  /** called when its problems are others than before */
  onChange: () => void
}

/** The public side of the local CA; its key is nowhere in reach. */
export type AuthorityInfo = Pick<Authority, 'certFile' | 'pem' | 'fingerprint' | 'notAfter' | 'constraints' | 'former'>

/** The local CA and the leaves that it has signed, from one rotation to the next. */
export class LocalCa {
  readonly #options: LocalCaOptions
  readonly #store: LeafStore
  #authority: Authority
  #leaves: Leaves
  #changes: Promise<unknown> = Promise.resolve()
  #problemsTold: number

  /**
   * Loads the CA or makes it on first start.
   * Rejects with a Fault (`certificate-invalid`) when it is damaged, expired or cannot be written.
   */
  static async open(options: LocalCaOptions): Promise<LocalCa> {
    return new LocalCa(options, await openAuthority(directoryOf(options), options.now()))
  }

  private constructor(options: LocalCaOptions, authority: Authority) {
    this.#options = options
    this.#store = new LeafStore(path.join(options.dataDir, 'certs'))
    this.#authority = authority
    this.#leaves = this.#leavesOf(authority)
    this.#problemsTold = this.problems().length
  }

  get info(): AuthorityInfo {
    const { certFile, pem, fingerprint, notAfter, constraints, former } = this.#authority
    return { certFile, pem, fingerprint, notAfter, constraints, former }
  }

  /** Those of the CA as it is now: others after a rotation. */
  get leaves(): Leaves {
    return this.#leaves
  }

  /** What a person has to know of the CA itself, each with its remedy. */
  problems(): string[] {
    return authorityProblems(this.#authority, this.#options.now())
  }

  /** Whether it may vouch for a host or wildcard. */
  permits(leafName: string): boolean {
    return permits(this.#authority.constraints, leafName)
  }

  /**
   * Replaces the CA, whose key is destroyed.
   *
   * @param use called with the new one in place, before the next rotation
   * @throws Fault as `rotateAuthority`; the old CA serves on then
   */
  rotate(change: RotationChange, use: () => Promise<void>): Promise<void> {
    const rotated = this.#changes.then(async () => {
      await this.#rotate(change)
      await use()
    })
    this.#changes = rotated.catch(() => undefined) // told to who asked
    return rotated
  }

  /** Renews the leaves that are due and deletes expired ones from the disk. Never rejects. */
  async maintain(): Promise<void> {
    await this.#leaves.renewDue()
    await this.#store.removeExpired(this.#options.now()).catch((error) => {
      this.#options.log.warn({ err: error }, 'expired certificates not deleted')
    })
    const problems = this.problems().length
    if (problems !== this.#problemsTold) this.#options.onChange()
    this.#problemsTold = problems
  }

  async #rotate(change: RotationChange): Promise<void> {
    const { log, now } = this.#options
    const former = this.#authority
    const directory = directoryOf(this.#options)
    await rotateAuthority(directory, now(), change)
    this.#authority = await openAuthority(directory, now())
    this.#leaves = this.#leavesOf(this.#authority)
    await this.#store.removeIssuedBy(former.certificate).catch((error) => {
      log.warn({ err: error }, 'certificates of the former CA not deleted')
    })
    log.info({ former: former.fingerprint, fingerprint: this.#authority.fingerprint }, 'local CA replaced')
  }

  /** Those of a former authority that are still being issued go to nobody else. */
  #leavesOf(authority: Authority): Leaves {
    const { log, now, leavesInMemory: limit = LEAVES_IN_MEMORY, onServed } = this.#options
    const leaves: Leaves = new Leaves({
      authority,
      store: this.#store,
      log,
      now,
      limit,
      onServed: (leaf) => leaves === this.#leaves && onServed(leaf),
    })
    return leaves
  }
}

function directoryOf({ dataDir }: LocalCaOptions): string {
  return path.join(dataDir, 'ca')
}
