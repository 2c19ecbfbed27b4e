import { GatewayFault } from './gateway-fault.js'

/** What the registry wants of an open tunnel. */
export interface EndableTunnel {
  /** Ends both sides in order, behind what is under way already, and soon by force. */
  end(): void
}

/** All WebSockets of a gateway, from handshake to end: bounds their number and ends them when the gateway stops. */
export class Tunnels {
  readonly #open = new Set<EndableTunnel>()
  #reserved = 0
  #ending = false

  /** handshakes under way and tunnels open */
  get size(): number {
    return this.#reserved
  }

  /**
   * Takes a place for one WebSocket.
   *
   * @param limit most places
   * @returns gives the place back
   * @throws GatewayFault 503 when there is none
   */
  reserve(limit: number): () => void {
    if (this.#reserved >= limit) {
      throw new GatewayFault(
        'overloaded',
        503,
        `There are ${this.#reserved} WebSockets open already.`,
        'Close some, or raise limits.tunnels in the config.',
        ['Retry-After', '1'],
      )
    }
    this.#reserved += 1
    let held = true
    return () => {
      if (held) this.#reserved -= 1
      held = false
    }
  }

  add(tunnel: EndableTunnel): void {
    this.#open.add(tunnel)
    if (this.#ending) tunnel.end()
  }

  delete(tunnel: EndableTunnel): void {
    this.#open.delete(tunnel)
  }

  /** Ends all tunnels, and from now on every new one at once: they have no end of their own to wait for. */
  end(): void {
    this.#ending = true
    for (const tunnel of this.#open) tunnel.end()
  }

  /** After `end`: new tunnels stay open. */
  reopen(): void {
    this.#ending = false
  }
}
