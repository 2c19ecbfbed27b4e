import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { Fault } from '../../../shared/fault.js'
import { AppHop, type AppHopOptions } from './app-hop.js'
import type { HopTraffic } from './hop-traffic.js'

/** More than any tool opens at once. */
const MAX_CONNECTIONS = 4_096

/** A port of the loopback at which one app is there as plain HTTP/1.1, for a program that shows it outside. */
export class HopListener {
  readonly port: number
  readonly #server: net.Server
  readonly #hop: AppHop
  readonly #sockets = new Set<Socket>()

  /** @throws Fault `listen-failed` */
  static async open(options: AppHopOptions): Promise<HopListener> {
    const server = net.createServer({ noDelay: true, allowHalfOpen: true })
    server.maxConnections = MAX_CONNECTIONS
    try {
      server.listen({ host: '127.0.0.1', port: 0, exclusive: true })
      await once(server, 'listening')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
      throw new Fault('listen-failed', `No port of 127.0.0.1 can be had (${code}).`, 'Try again.', { cause: error })
    }
    return new HopListener(server, options)
  }

  private constructor(server: net.Server, options: AppHopOptions) {
    this.#server = server
    this.#hop = new AppHop(options)
    this.port = (server.address() as AddressInfo).port
    server.on('error', () => undefined) // while accepting: the visitor of the moment sees it
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      this.#hop.take(socket)
    })
  }

  get traffic(): HopTraffic {
    return this.#hop.traffic
  }

  /** Ends connections, too. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#hop.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
