import net, { type Socket } from 'node:net'
import tls, { type TLSSocket, type TlsOptions } from 'node:tls'
import type { Listener as ListenerInfo } from '../../../shared/contract.js'
import { isLoopbackHost } from '../../../shared/hostname.js'
import type { Challenges } from './challenges.js'
import { arrivesHere } from './find-redirect.js'

/** What the listeners need to speak TLS. */
export interface TlsProvider {
  readonly serverOptions: TlsOptions
  /** Keeps the server's default certificate current; returns the function that ends it. */
  attach(server: tls.Server): Promise<() => void>
}

/** Where accepted connections go, by what they turned out to speak. */
export interface Doors {
  http1(socket: Socket | TLSSocket): void
  http2(socket: TLSSocket): void
}

/** First byte of a TLS record that carries a ClientHello (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16
/** For the first byte, and again for the handshake. */
const GREETING_MS = 10_000
const BACKLOG = 1024

/** All listening sockets. On every one of them TLS and plain HTTP are told apart by the first byte. */
export class Listeners {
  readonly #doors: Doors
  readonly #challenges: Challenges | null
  readonly #tls: tls.Server
  readonly #servers = new Map<net.Server, ListenerInfo>()
  readonly #sockets = new Set<Socket>()
  #detach: () => void = () => {}
  #limit: number
  /** told the port of each peer while a redirect is looked for */
  #heard: ((peerPort: number) => void) | null = null

  constructor(provider: TlsProvider, doors: Doors, connectionLimit: number, challenges: Challenges | null = null) {
    this.#doors = doors
    this.#limit = connectionLimit
    this.#challenges = challenges
    this.#tls = tls.createServer({
      ...provider.serverOptions,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: GREETING_MS,
    })
    this.#tls.on('secureConnection', (socket) => this.#onSecure(socket))
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  /** Gives the TLS side its default certificate. Call before `open`. */
  async prepare(provider: TlsProvider): Promise<void> {
    this.#detach = await provider.attach(this.#tls)
  }

  /** Most connections at one time; further ones are closed at once. */
  set connectionLimit(limit: number) {
    this.#limit = limit
  }

  get open(): ListenerInfo[] {
    return [...this.#servers.values()]
  }

  /**
   * Listens on one address and port (0 = any free one). Rejects with the system's error.
   *
   * @param protocol what the port is for; `http` answers with redirects
   * @param through all addresses, where the system forbids the port on one; only this machine is let in then
   */
  async listen(
    address: string,
    port: number,
    protocol: ListenerInfo['protocol'],
    through = address,
  ): Promise<ListenerInfo> {
    const server = net.createServer(
      { allowHalfOpen: true, pauseOnConnect: false, noDelay: true, highWaterMark: 64 * 1024 },
      (socket) => (through === address || isOwnPeer(socket) ? this.#onConnection(socket) : socket.destroy()),
    )
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: through, port, backlog: BACKLOG, ipv6Only: address.includes(':') }, () => {
        server.off('error', reject)
        resolve()
      })
    })
    server.on('error', () => {}) // EMFILE while accepting: the clients of the moment see it, the server goes on
    const info: ListenerInfo = { address, port: (server.address() as net.AddressInfo).port, protocol }
    this.#servers.set(server, info)
    return info
  }

  /** The port that the system redirects to this one; null where it does not, as far as is known. */
  publicPort(port: number | undefined): number | null {
    for (const info of this.#servers.values()) if (info.port === port && info.publicPort) return info.publicPort
    return null
  }

  /** Finds out whether what this machine sends to another port arrives at a listener, and remembers it. */
  async findRedirect(listener: ListenerInfo, port: number): Promise<boolean> {
    const found = await arrivesHere(listener.address, port, (heard) => {
      this.#heard = heard
    })
    if (found) listener.publicPort = port
    else delete listener.publicPort
    return found
  }

  /** Stops accepting; connections stay. */
  async close(which: (info: ListenerInfo) => boolean = () => true): Promise<void> {
    for (const [server, info] of this.#servers) {
      if (!which(info)) continue
      server.close()
      this.#servers.delete(server)
    }
  }

  /** The TLS side's certificate is kept current no more. */
  detach(): void {
    this.#detach()
  }

  /** Ends the connections of other machines to addresses of this one, but for those that are kept. */
  endRemote(keeps: (localAddress: string) => boolean): void {
    for (const socket of this.#sockets) {
      const local = (socket.localAddress ?? '').replace(/^::ffff:/, '')
      if (!isLoopbackHost(local) && !keeps(local)) socket.destroy()
    }
  }

  /** Ends every connection at once. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #onConnection(socket: Socket): void {
    this.#heard?.(socket.remotePort ?? 0)
    if (this.#sockets.size >= this.#limit) return void socket.destroy()
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', destroyBroken)
    this.#sniff(socket)
  }

  #sniff(socket: Socket): void {
    const timer = setTimeout(() => socket.destroy(), GREETING_MS)
    const onClose = () => clearTimeout(timer)
    socket.once('close', onClose)
    const onEnd = () => socket.destroy() // closed before a word was said
    socket.once('end', onEnd)
    let greeting: Buffer | null = null
    const onReadable = () => {
      const read: Buffer | null = socket.read()
      if (read === null) return
      const bytes = greeting === null ? read : Buffer.concat([greeting, read])
      if (bytes[0] === HANDSHAKE && this.#challenges?.wantsMore(bytes) === true) {
        greeting = bytes
        return
      }
      socket.off('readable', onReadable)
      socket.off('close', onClose)
      socket.off('end', onEnd)
      clearTimeout(timer)
      socket.unshift(bytes)
      if (bytes[0] === HANDSHAKE) this.#shakeHands(socket, bytes)
      else this.#doors.http1(socket)
    }
    socket.on('readable', onReadable)
  }

  /** A client that ends its half in the middle of a handshake is gone; later it may still want its answer. */
  #shakeHands(socket: Socket, greeting: Buffer): void {
    socket.allowHalfOpen = false
    if (this.#challenges?.takeTls(socket, greeting) === true) return
    this.#tls.emit('connection', socket)
  }

  #onSecure(socket: TLSSocket): void {
    socket.on('error', destroyBroken)
    socket.allowHalfOpen = socket.alpnProtocol !== 'h2'
    if (socket.alpnProtocol === 'h2') this.#doors.http2(socket)
    else this.#doors.http1(socket)
  }
}

function isOwnPeer({ remoteAddress = '' }: Socket): boolean {
  return isLoopbackHost(remoteAddress.replace(/^::ffff:/, ''))
}

/** A connection's own error (reset, broken pipe) concerns nobody else; its exchanges hear 'close'. */
function destroyBroken(this: Socket): void {
  this.destroy()
}
