import type { VaultAnswer, VaultAsk } from '../../shared/engine-wire.js'
import { Fault } from '../../shared/fault.js'
import type { KeyVault, OpenedSecret, VaultState } from '../engine/tls/key-vault.js'

/** A person may have to unlock the keychain, and read what it asks first. */
const PATIENCE_MS = 120_000
const LATE = 'it has not answered'

/** The keychain as the engine's process reaches it: by asking the shell, one question at a time or several. */
export class ShellVault implements KeyVault {
  readonly #post: (id: number, ask: VaultAsk) => void
  readonly #waiting = new Map<number, (answer: VaultAnswer) => void>()
  #lastId = 0

  /** @param post hands a question to the shell, whose answer comes by `receive` */
  constructor(post: (id: number, ask: VaultAsk) => void) {
    this.#post = post
  }

  /** To be called with each answer; one that nobody waits for any more is passed over. */
  receive(id: number, answer: VaultAnswer): void {
    this.#waiting.get(id)?.(answer)
  }

  async state(): Promise<VaultState> {
    const answer = await this.#ask({ do: 'state' })
    if (!('state' in answer)) return { name: 'the keychain', available: false, reason: reasonOf(answer) }
    const { name, unavailable } = answer.state
    return unavailable === null ? { name, available: true } : { name, available: false, reason: unavailable }
  }

  async seal(bytes: Buffer): Promise<Buffer> {
    const answer = await this.#ask({ do: 'seal', secret: bytes.toString('base64') })
    if ('sealed' in answer) return Buffer.from(answer.sealed, 'base64')
    throw refusal(answer)
  }

  async open(sealed: Buffer): Promise<OpenedSecret> {
    const answer = await this.#ask({ do: 'open', sealed: sealed.toString('base64') })
    if ('secret' in answer) return { bytes: Buffer.from(answer.secret, 'base64'), stale: answer.stale }
    throw refusal(answer)
  }

  #ask(ask: VaultAsk): Promise<VaultAnswer> {
    const { promise, resolve } = Promise.withResolvers<VaultAnswer>()
    const id = ++this.#lastId
    const timer = setTimeout(() => resolve({ fault: { code: 'conflict', message: LATE } }), PATIENCE_MS).unref()
    this.#waiting.set(id, resolve)
    this.#post(id, ask)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(id)
    })
  }
}

function reasonOf(answer: VaultAnswer): string {
  return 'fault' in answer ? answer.fault.message.replace(/\.$/, '') : LATE
}

function refusal(answer: VaultAnswer): Fault {
  return 'fault' in answer ? Fault.from(answer.fault) : new Fault('protocol', 'The keychain answered something else.')
}
