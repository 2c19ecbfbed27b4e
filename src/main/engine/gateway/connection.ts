import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { isIpLiteral, normaliseHostname, parseAuthority } from '../../../shared/hostname.js'
import { type AnsweredExchange, probeHalfClosed } from './half-close.js'

/** What an exchange wants to hear from its connection, and what the connection wants to know of it. */
export interface ConnectionWatcher extends AnsweredExchange {
  /** The connection is gone: nothing can be answered any more. */
  connectionClosed(): void
}

export interface TlsFacts {
  protocol: string
  /** by its IANA name */
  cipher: string
  alpn: string | null
  serverName: string | null
}

/** One client connection: what is known of the peer, and the exchanges that live on it. */
export class Connection {
  /** peer's address; IPv4-mapped IPv6 written as IPv4 */
  readonly client: string
  /** the peer's X-Forwarded-* may be believed */
  readonly trusted: boolean
  /** the ClientHello's server name, normalised; null without */
  readonly sni: string | null
  readonly encrypted: boolean
  /** what the handshake settled; null on plain HTTP */
  readonly tls: TlsFacts | null
  /** port that the connection arrived on */
  readonly #port: number
  /** a handful at most; see Roster for why this is no Set */
  readonly #watchers: ConnectionWatcher[] = []

  constructor(
    readonly socket: Socket | TLSSocket,
    trusts: (address: string) => boolean,
    /** the port that the system redirects to the one it arrived on; null without */
    readonly publicPort: number | null = null,
  ) {
    this.client = plainAddress(socket.remoteAddress ?? '')
    this.trusted = trusts(this.client)
    this.encrypted = 'encrypted' in socket && socket.encrypted
    const servername = this.encrypted ? (socket as TLSSocket).servername : null
    this.sni = typeof servername === 'string' ? serverName(servername) : null
    this.tls = this.encrypted ? tlsFacts(socket as TLSSocket, this.sni) : null
    this.#port = socket.localPort ?? 0
    socket.on('close', () => {
      for (const watcher of this.#watchers.slice()) watcher.connectionClosed()
    })
    // Answers leave in the order of their requests, so the oldest exchange is the one that is being answered.
    socket.on('end', () => probeHalfClosed(socket, () => this.#watchers[0] ?? null))
  }

  /**
   * The port that the client connected to. Behind a redirect of the system that can be told from what it wrote alone.
   *
   * @param authority host and port as the client wrote them
   */
  portFor(authority: string): number {
    if (this.publicPort === null) return this.#port
    const written = parseAuthority(authority)?.port ?? (this.encrypted ? 443 : 80)
    return written === this.publicPort ? this.publicPort : this.#port
  }

  /** exchanges in progress */
  get busy(): number {
    return this.#watchers.length
  }

  add(watcher: ConnectionWatcher): void {
    this.#watchers.push(watcher)
  }

  delete(watcher: ConnectionWatcher): void {
    const at = this.#watchers.lastIndexOf(watcher)
    if (at !== -1) this.#watchers.splice(at, 1)
  }
}

/**
 * Compiles addresses and ranges, such as `trustedProxies`, into a test for one address.
 *
 * @param ranges addresses and CIDR ranges that the schema accepted
 */
export function rangeTest(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange)
  const known = new Map<string, boolean>()
  return (address) => {
    let trusted = known.get(address)
    if (trusted === undefined) {
      trusted = ipaddr.isValid(address) && inRanges(ipaddr.process(address), parsed)
      if (known.size < 1000) known.set(address, trusted)
    }
    return trusted
  }
}

/** An address is no server name (RFC 6066 section 3), though some clients send one: it chooses nothing. */
function serverName(sent: string): string | null {
  const name = normaliseHostname(sent)
  return name === null || isIpLiteral(name) ? null : name
}

function tlsFacts(socket: TLSSocket, serverName: string | null): TlsFacts {
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher()?.standardName ?? '',
    alpn: socket.alpnProtocol || null,
    serverName,
  }
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

function parseRange(range: string): Range {
  if (range.includes('/')) return ipaddr.parseCIDR(range)
  const address = ipaddr.parse(range)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

function inRanges(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base as never, bits))
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
