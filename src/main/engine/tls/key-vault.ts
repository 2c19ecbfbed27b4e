/** Whether a vault can be used now, and what people call it. */
export type VaultState = { name: string; available: true } | { name: string; available: false; reason: string }

/** What a vault gives back. */
export interface OpenedSecret {
  bytes: Buffer
  /** true: the vault has a newer key by now, and what it opened is better sealed again */
  stale: boolean
}

/** The keychain of the operating system, by which a secret is wrapped so that a file of it is of no use elsewhere. */
export interface KeyVault {
  /** Never rejects. */
  state(): Promise<VaultState>
  /** Rejects with a Fault when the vault cannot be used. */
  seal(bytes: Buffer): Promise<Buffer>
  /** Rejects with a Fault when the vault cannot be used, or has not sealed this. */
  open(sealed: Buffer): Promise<OpenedSecret>
}
