import type { Server } from 'node:tls'
import type { Logger } from 'pino'
import { KeyLocked } from './authority-key.js'
import { defaultLeaf, type LeafWish } from './leaf-name.js'
import type { LocalCa } from './local-ca.js'
import type { Served } from './secure-context.js'
import { refuseWithoutName, setContext, type TlsServers } from './tls-servers.js'

const SOON_MS = 5_000

/** The certificate for clients that name no host: what it names, and the servers that have it. */
export class DefaultCertificate {
  readonly #local: LocalCa
  readonly #servers: TlsServers
  readonly #log: Logger
  #wish: LeafWish = defaultLeaf([])

  constructor(local: LocalCa, servers: TlsServers, log: Logger) {
    this.#local = local
    this.#servers = servers
    this.#log = log
  }

  get wish(): LeafWish {
    return this.#wish
  }

  /** @param hosts of the config, whose addresses it names */
  follow(hosts: readonly string[]): void {
    this.#wish = defaultLeaf(hosts.filter((name) => this.#local.permits(name)))
  }

  /** Rejects when it cannot be issued. */
  async get(): Promise<Served> {
    return this.#local.leaves.get(this.#wish)
  }

  /**
   * Gives it to a server, which refuses clients that name no host as long as there is none: because the key of the CA is
   * out of reach, or a person has yet to open it. Rejects when it cannot be issued otherwise.
   */
  async giveTo(server: Server): Promise<void> {
    refuseWithoutName(server, this.#local.info.pem)
    this.#servers.add(server)
    const served = await this.#soon()
    if (served !== null) setContext(server, served)
  }

  /** Makes another one where the wish has changed or its end is near. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#servers.isEmpty) return
    await this.#soon().catch((error) => {
      this.#log.error({ err: error }, 'default certificate not issued: the old one is served')
    })
  }

  /** Not longer than a start or a new config can wait: it comes to the servers by itself when a person takes longer. */
  #soon(): Promise<Served | null> {
    const made = this.get().catch((error) => {
      if (error instanceof KeyLocked) return null
      throw error
    })
    const { promise: patience, resolve } = Promise.withResolvers<null>()
    const timer = setTimeout(() => resolve(null), SOON_MS)
    return Promise.race([made, patience]).finally(() => clearTimeout(timer))
  }
}
