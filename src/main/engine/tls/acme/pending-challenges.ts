import type { Socket } from 'node:net'
import tls, { type SecureContext, type Server } from 'node:tls'
import { SECURE_OPTIONS } from '../cipher-suites.js'
import type { KeyPair } from '../issue.js'
import { isWholeRecord, readClientHello } from './client-hello.js'

const PATH = '/.well-known/acme-challenge/'
const PROTOCOL = 'acme-tls/1'
const HANDSHAKE_MS = 10_000

/** What an authority may find here to see that a name is ours: each token and certificate only while it is waited for. */
export class PendingChallenges {
  /** key authorisations (RFC 8555 section 8.1) by host and path */
  readonly #answers = new Map<string, string>()
  /** contexts by name (RFC 8737) */
  readonly #contexts = new Map<string, SecureContext>()
  #server: Server | null = null

  /** The body that answers HTTP-01 (RFC 8555 section 8.3) for a host at a path; null when nobody waits for it. */
  httpAnswer(host: string, path: string): string | null {
    if (this.#answers.size === 0) return null
    return this.#answers.get(`${host}${path}`) ?? null
  }

  /** Shows the answer of HTTP-01 until the function that is returned is called. */
  showHttp(host: string, token: string, keyAuthorization: string): () => void {
    const place = `${host}${PATH}${token}`
    this.#answers.set(place, keyAuthorization)
    return () => void this.#answers.delete(place)
  }

  /** Shows the certificate of TLS-ALPN-01 until the function that is returned is called. */
  showTls(name: string, pair: KeyPair): () => void {
    const context = tls.createSecureContext({ ...SECURE_OPTIONS, ...pair })
    this.#contexts.set(name, context)
    return () => {
      if (this.#contexts.get(name) === context) this.#contexts.delete(name)
    }
  }

  /** Whether more of a TLS connection must be read before `takeTls` can tell: only while a challenge is pending. */
  wantsMore(greeting: Buffer): boolean {
    return this.#contexts.size > 0 && !isWholeRecord(greeting)
  }

  /**
   * Takes a connection whose greeting offers nothing but `acme-tls/1` for a name that is waited for (RFC 8737 section 3),
   * and answers it: no such connection ever reaches an app, and no other one ever sees a challenge's certificate.
   *
   * @param greeting the first bytes, which are still to be read from `socket`
   */
  takeTls(socket: Socket, greeting: Buffer): boolean {
    if (this.#contexts.size === 0) return false
    const hello = readClientHello(greeting)
    if (hello?.servername == null || !this.#contexts.has(hello.servername)) return false
    if (hello.protocols.length !== 1 || hello.protocols[0] !== PROTOCOL) return false
    this.#server ??= this.#makeServer()
    this.#server.emit('connection', socket)
    return true
  }

  #makeServer(): Server {
    const server = tls.createServer({
      ...SECURE_OPTIONS,
      ALPNProtocols: [PROTOCOL],
      handshakeTimeout: HANDSHAKE_MS,
      SNICallback: (name, callback) => {
        const context = this.#contexts.get(name.toLowerCase())
        if (context === undefined) callback(new Error('no challenge is pending for this name'))
        else callback(null, context)
      },
    })
    // "The TLS connection is closed once the handshake has completed" (RFC 8737 section 3).
    server.on('secureConnection', (socket) => socket.on('error', () => socket.destroy()).end())
    server.on('tlsClientError', (_error, socket) => socket.destroy())
    return server
  }
}
