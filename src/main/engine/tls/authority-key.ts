import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { Fault } from '../../../shared/fault.js'
import type { KeyStorage } from '../../../shared/trust-schemas.js'
import type { Issuer } from './issue.js'
import type { KeyVault } from './key-vault.js'
import { readSealed, writeSealed } from './sealed-file.js'

/** The private key of the local CA, wherever it is kept. */
export interface AuthorityKey {
  readonly storage: KeyStorage
  /** why it could not be had when it was last wanted; null when it could, or nobody has wanted it yet */
  readonly problem: string | null
  /** Rejects with `KeyLocked` when it is out of reach. */
  get(): Promise<KeyObject>
}

/** The CA is whole and its key out of reach: nothing may take its place, and what it has signed is good. */
export class KeyLocked extends Fault {
  constructor(message: string, hint: string) {
    super('conflict', message, hint)
  }
}

/** Where a person can open a sealed key, or give it up. */
export const UNLOCK_HINT =
  'Start the desktop app, whose gateway has it, or move the key back into a file there: portico ca unseal'

/** A person who was asked and has refused is not asked again at each handshake. */
const ASK_AGAIN_MS = 60_000

/** A key that lay in a file as it is. */
export function plainKey(key: KeyObject): AuthorityKey {
  return { storage: 'file', problem: null, get: async () => key }
}

/** The authority as `issueLeaf` wants it. Rejects with `KeyLocked` when its key is out of reach. */
export async function issuerOf(authority: { certificate: X509Certificate; key: AuthorityKey }): Promise<Issuer> {
  return { certificate: authority.certificate, key: await authority.key.get() }
}

/** The key of a PEM text; null when it is none, or an encrypted one. */
export function parseKey(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem)
  } catch {
    return null
  }
}

export interface SealedKeyOptions {
  /** of the authority */
  directory: string
  certificate: X509Certificate
  /** null where there is none */
  vault: KeyVault | null
  /** called when the key turns out to be out of reach, or no longer is */
  onChange?: (() => void) | undefined
}

/** A key that the keychain has wrapped: opened when it is first needed, which may take as long as a person takes. */
export class SealedKey implements AuthorityKey {
  readonly storage = 'keychain'
  readonly #options: SealedKeyOptions
  #key: KeyObject | null = null
  #flight: Promise<KeyObject> | null = null
  #locked: KeyLocked | null
  #askAgainAt = 0

  constructor(options: SealedKeyOptions) {
    this.#options = options
    this.#locked = options.vault === null ? noVault() : null
  }

  get problem(): string | null {
    return this.#locked === null ? null : withHint(this.#locked)
  }

  get(): Promise<KeyObject> {
    const { vault } = this.#options
    if (this.#key !== null) return Promise.resolve(this.#key)
    if (this.#locked !== null && (vault === null || performance.now() < this.#askAgainAt))
      return Promise.reject(this.#locked)
    this.#flight ??= this.#open(vault as KeyVault).finally(() => {
      this.#flight = null
    })
    return this.#flight
  }

  async #open(vault: KeyVault): Promise<KeyObject> {
    try {
      const { directory, certificate } = this.#options
      const { key, pem, stale } = await openSealed(directory, certificate, vault)
      if (stale) await writeSealed(directory, await vault.seal(Buffer.from(pem))).catch(() => {}) // the old one opens too
      this.#key = key
      this.#tell(null)
      return key
    } catch (error) {
      const locked = error instanceof KeyLocked ? error : new KeyLocked(Fault.of(error).message, UNLOCK_HINT)
      this.#askAgainAt = performance.now() + ASK_AGAIN_MS
      this.#tell(locked)
      throw locked
    }
  }

  #tell(locked: KeyLocked | null): void {
    const before = this.problem
    this.#locked = locked
    if (this.problem !== before) this.#options.onChange?.()
  }
}

/**
 * Opens the sealed key of an authority, and sees that it is the one of its certificate.
 * @throws KeyLocked when the vault does not give it back
 */
export async function openSealed(
  directory: string,
  certificate: X509Certificate,
  vault: KeyVault,
): Promise<{ key: KeyObject; pem: string; stale: boolean }> {
  const state = await vault.state()
  if (!state.available)
    throw new KeyLocked(`The key of the local CA is in ${state.name}: ${state.reason}.`, UNLOCK_HINT)
  const { bytes, stale } = await vault.open(await readSealed(directory)).catch((error) => {
    const reason = Fault.of(error).message.replace(/\.$/, '')
    throw new KeyLocked(`${state.name} does not give back the key of the local CA: ${reason}.`, RELOCK_HINT)
  })
  const pem = bytes.toString('utf8')
  const key = parseKey(pem)
  if (key !== null && certificate.checkPrivateKey(key)) return { key, pem, stale }
  throw new KeyLocked(`What ${state.name} gives back is not the key of the local CA.`, RELOCK_HINT)
}

const RELOCK_HINT =
  'Unlock the keychain and try again. If it has lost the key, have a new CA, which must be trusted anew: portico ca rotate'

function noVault(): KeyLocked {
  return new KeyLocked('The key of the local CA is in the keychain, which only the desktop app can open.', UNLOCK_HINT)
}

function withHint({ message, hint = '' }: Fault): string {
  return `${message} ${hint}`
}
