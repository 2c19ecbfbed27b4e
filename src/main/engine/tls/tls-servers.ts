import { randomBytes } from 'node:crypto'
import type { Server } from 'node:tls'
import { SECURE_OPTIONS } from './cipher-suites.js'
import type { Served } from './secure-context.js'

const TICKET_KEYS_MS = 12 * 3_600_000
const TICKET_KEYS_BYTES = 48

/** The TLS servers that serve with our certificates: what each gives to clients without SNI, and its ticket keys. */
export class TlsServers {
  readonly #servers = new Set<Server>()
  readonly #timer = setInterval(() => this.rotateTicketKeys(), TICKET_KEYS_MS).unref()

  get isEmpty(): boolean {
    return this.#servers.size === 0
  }

  add(server: Server): void {
    this.#servers.add(server)
  }

  remove(server: Server): void {
    this.#servers.delete(server)
  }

  /** From now on clients without SNI get this certificate. */
  give(served: Served): void {
    for (const server of this.#servers) setContext(server, served)
  }

  /** No session can be resumed that began before. */
  rotateTicketKeys(): void {
    for (const server of this.#servers) server.setTicketKeys(randomBytes(TICKET_KEYS_BYTES))
  }

  /** Lets go of all servers, and ends the timer. */
  close(): void {
    clearInterval(this.#timer)
    this.#servers.clear()
  }
}

/**
 * Has one server refuse clients without SNI: without the key of its certificate it has nothing to sign with.
 * @param certificate PEM, of any authority
 */
export function refuseWithoutName(server: Server, certificate: string): void {
  server.setSecureContext({ ...SECURE_OPTIONS, cert: certificate })
}

/** Gives one server its certificate for clients without SNI. */
export function setContext(server: Server, { pair }: Served): void {
  server.setSecureContext({ ...SECURE_OPTIONS, ...pair })
}
