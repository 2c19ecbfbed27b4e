import { safeStorage } from 'electron'
import type { VaultAnswer, VaultAsk } from '../../shared/engine-wire.js'
import { Fault } from '../../shared/fault.js'

/**
 * The operating system's keychain, as the engine's process may ask for it: macOS Keychain, Windows' data protection, or
 * the keyring of the desktop on Linux. Without one Electron would do with a password that is in its source, which is
 * refused here.
 */
export class ShellKeychain {
  readonly #platform: NodeJS.Platform

  constructor(platform: NodeJS.Platform) {
    this.#platform = platform
  }

  /** Never rejects. */
  readonly answer = async (ask: VaultAsk): Promise<VaultAnswer> => {
    try {
      const unavailable = await this.#whyNot()
      if (ask.do === 'state') return { state: { name: keychainName(this.#platform, this.#backend()), unavailable } }
      if (unavailable !== null) throw new Fault('not-supported', `${unavailable}.`)
      return ask.do === 'seal' ? await this.#seal(ask.secret) : await open(ask.sealed)
    } catch (error) {
      return { fault: refused(error).toJSON() }
    }
  }

  async #whyNot(): Promise<string | null> {
    const backend = this.#backend()
    if (backend !== null && !KEYRINGS.has(backend)) return NO_KEYRING
    return (await safeStorage.isAsyncEncryptionAvailable()) ? null : 'the system does not let it be used'
  }

  /** What Electron has found on Linux; null elsewhere, where there is nothing to be chosen from. */
  #backend(): string | null {
    return this.#platform === 'linux' ? safeStorage.getSelectedStorageBackend() : null
  }

  async #seal(secret: string): Promise<VaultAnswer> {
    const sealed = await safeStorage.encryptStringAsync(secret)
    if (this.#platform === 'linux' && isScrambledOnly(sealed)) throw new Fault('not-supported', `${NO_KEYRING}.`)
    return { sealed: sealed.toString('base64') }
  }
}

/** @param backend as Electron names it on Linux; null elsewhere */
export function keychainName(platform: NodeJS.Platform, backend: string | null): string {
  if (platform === 'darwin') return 'the macOS Keychain'
  if (platform === 'win32') return 'the data protection of Windows'
  return KEYRINGS.get(backend ?? '') ?? 'the keyring of the desktop'
}

/**
 * Chromium marks on Linux what it has encrypted with the password in its source by the prefix `v10`, also where a keyring
 * was chosen that then could not be reached.
 */
export function isScrambledOnly(sealed: Buffer): boolean {
  return sealed.subarray(0, 3).toString('latin1') === 'v10'
}

const KEYRINGS = new Map([
  ['gnome_libsecret', 'the keyring of the desktop (Secret Service)'],
  ['kwallet', 'KWallet'],
  ['kwallet5', 'KWallet'],
  ['kwallet6', 'KWallet'],
])

const NO_KEYRING = 'this desktop has no keyring, such as GNOME Keyring or KWallet'

async function open(sealed: string): Promise<VaultAnswer> {
  const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(sealed, 'base64'))
  return { secret: result, stale: shouldReEncrypt }
}

/** What Electron throws names no cause that a person could do something about. */
function refused(error: unknown): Fault {
  if (error instanceof Fault) return error
  const words = error instanceof Error ? error.message : String(error)
  return new Fault('conflict', `The keychain refused: ${words}.`)
}
