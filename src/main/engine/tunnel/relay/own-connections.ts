import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** Where Node tells of each socket that is about to connect. */
const CHANNEL = 'net.client.socket'
/** Either end of a connection may be heard of first, the other is a turn of the event loop away; in milliseconds. */
const PATIENCE_MS = 2_000

/**
 * Tells connections that this process makes to itself from those of others: a port of the loopback is open to everybody on
 * the machine. Each is recognised once, by the port that it comes from, which nobody else has as long as it is open.
 */
export class OwnConnections {
  /** both ports of sockets here that were connected to one that is watched, and not accepted yet */
  readonly #connected = new Set<number>()
  /** accepted, between ports of which nothing was heard yet */
  readonly #accepted = new Map<number, (own: boolean) => void>()
  readonly #watched = new Set<number>()
  readonly #note = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    socket.once('connect', () => this.#take(socket))
  }

  /** @param port of this machine's loopback, on which this process listens */
  watch(port: number): void {
    if (this.#watched.size === 0) subscribe(CHANNEL, this.#note)
    this.#watched.add(port)
  }

  unwatch(port: number): void {
    this.#watched.delete(port)
    if (this.#watched.size === 0) unsubscribe(CHANNEL, this.#note)
  }

  /** Whether an accepted connection was made by this process. */
  recognise({ remotePort = 0, localPort = 0 }: Socket): Promise<boolean> {
    const ports = pairOf(remotePort, localPort)
    if (this.#connected.delete(ports)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (own: boolean) => {
        clearTimeout(timer)
        if (this.#accepted.get(ports) === settle) this.#accepted.delete(ports)
        resolve(own)
      }
      // After a pause of the process, what has happened meanwhile is told behind the timers.
      const timer = setTimeout(() => setImmediate(() => settle(false)), PATIENCE_MS)
      this.#accepted.set(ports, settle)
    })
  }

  #take(socket: Socket): void {
    const { localPort = 0, remotePort = 0 } = socket
    if (!this.#watched.has(remotePort)) return
    const ports = pairOf(localPort, remotePort)
    const settle = this.#accepted.get(ports)
    if (settle !== undefined) {
      settle(true)
      return
    }
    this.#connected.add(ports)
    socket.once('close', () => this.#connected.delete(ports))
  }
}

/** A port may be used for several connections, to different ports. */
function pairOf(from: number, to: number): number {
  return from * 65_536 + to
}
