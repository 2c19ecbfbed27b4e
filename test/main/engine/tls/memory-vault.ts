import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyVault, OpenedSecret, VaultState } from '../../../../src/main/engine/tls/key-vault.js'
import { Fault } from '../../../../src/shared/fault.js'

/** A keychain that lives as long as the test: AES-256-GCM under a key of its own. */
export class MemoryVault implements KeyVault {
  readonly #key = randomBytes(32)
  /** why it cannot be used; null when it can */
  unavailable: string | null = null
  /** what opening a secret fails with; null when it does not */
  refusal: string | null = null
  stale = false
  /** opening waits for this */
  gate: Promise<unknown> = Promise.resolve()
  opened = 0

  async state(): Promise<VaultState> {
    const name = 'the vault of the test'
    return this.unavailable === null ? { name, available: true } : { name, available: false, reason: this.unavailable }
  }

  async seal(bytes: Buffer): Promise<Buffer> {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), sealed])
  }

  async open(sealed: Buffer): Promise<OpenedSecret> {
    this.opened += 1
    await this.gate
    if (this.refusal !== null) throw new Fault('conflict', this.refusal)
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, 12))
    decipher.setAuthTag(sealed.subarray(12, 28))
    return { bytes: Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]), stale: this.stale }
  }
}
