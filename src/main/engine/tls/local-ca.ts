import path from 'node:path'
import type { Logger } from 'pino'
import { Fault } from '../../../shared/fault.js'
import type { KeyStorage } from '../../../shared/trust-schemas.js'
import { type Authority, openAuthority } from './authority.js'
import type { AuthorityCertificate } from './authority-certificate.js'
import type { KeyVault } from './key-vault.js'
import { LeafStore } from './leaf-store.js'
import { Leaves } from './leaves.js'
import { permits } from './permitted-names.js'
import { authorityProblems } from './problems.js'
import { type RotationChange, rotateAuthority } from './rotation.js'
import { dropSealed, sealKey, unsealKey } from './sealing.js'
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
  /** where its key may be kept; null where there is none */
  vault: KeyVault | null
}

/** The public side of the local CA; its key is nowhere in reach. */
export interface AuthorityInfo extends Omit<AuthorityCertificate, 'certificate'> {
  keyStorage: KeyStorage
  /** why its key could not be had when it was last wanted; null when it could, or nobody has wanted it yet */
  keyProblem: string | null
}

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
    return new LocalCa(options, await openAuthority(directoryOf(options), options.now(), options))
  }

  private constructor(options: LocalCaOptions, authority: Authority) {
    this.#options = options
    this.#store = new LeafStore(path.join(options.dataDir, 'certs'))
    this.#authority = authority
    this.#leaves = this.#leavesOf(authority)
    this.#problemsTold = this.problems().length
  }

  get info(): AuthorityInfo {
    const { certFile, pem, fingerprint, notAfter, constraints, former, key } = this.#authority
    const { storage: keyStorage, problem: keyProblem } = key
    return { certFile, pem, fingerprint, notAfter, constraints, former, keyStorage, keyProblem }
  }

  /** Those of the CA as it is now: others after a rotation. */
  get leaves(): Leaves {
    return this.#leaves
  }

  /** What a person has to know of the CA itself, each with its remedy. */
  problems(): string[] {
    const { problem } = this.#authority.key
    return [...authorityProblems(this.#authority, this.#options.now()), ...(problem === null ? [] : [problem])]
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
    return this.#inTurn(async () => {
      await this.#rotate(change)
      await use()
    })
  }

  /**
   * Moves the key into the keychain, or back into a file. Where it is already, nothing is done.
   * @throws Fault as `sealKey` and `unsealKey`; the key is where it was then
   */
  seal(sealed: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const directory = directoryOf(this.#options)
      const { key, certificate } = this.#authority
      if (sealed !== (key.storage === 'keychain')) {
        if (sealed) await sealKey(directory, this.#requireVault())
        else await unsealKey(directory, certificate, this.#requireVault())
        this.#options.log.info({ sealed }, 'key of the local CA moved')
      } else if (!sealed) await dropSealed(directory)
      const { key: moved } = await openAuthority(directory, this.#options.now(), this.#options)
      this.#authority.key = moved // its leaves are as good as before
    })
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

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#changes.then(change)
    this.#changes = changed.catch(() => undefined) // told to who asked
    return changed
  }

  #requireVault(): KeyVault {
    const { vault } = this.#options
    if (vault !== null) return vault
    throw new Fault('not-supported', 'Only the desktop app can reach the keychain.', 'Do it while its gateway runs.')
  }

  async #rotate(change: RotationChange): Promise<void> {
    const { log, now, vault } = this.#options
    const former = this.#authority
    const directory = directoryOf(this.#options)
    await rotateAuthority(directory, now(), change, vault)
    this.#authority = await openAuthority(directory, now(), this.#options)
    this.#leaves = this.#leavesOf(this.#authority)
    await this.#store.removeIssuedBy(former.certificate).catch((error) => {
      log.warn({ err: error }, 'certificates of the former CA not deleted')
    })
    log.info({ former: former.fingerprint, fingerprint: this.#authority.fingerprint }, 'local CA replaced')
  }

  /** Those of a former authority that are still being issued go to nobody else. */
  #leavesOf(authority: Authority): Leaves {
    const { log, now, leavesInMemory: limit = LEAVES_IN_MEMORY, onServed, onChange } = this.#options
    const leaves: Leaves = new Leaves({
      authority,
      store: this.#store,
      log,
      now,
      limit,
      onServed: (leaf) => leaves === this.#leaves && onServed(leaf),
      onProblem: onChange,
    })
    return leaves
  }
}

function directoryOf({ dataDir }: LocalCaOptions): string {
  return path.join(dataDir, 'ca')
}
