import type { ClientRequestArgs } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls, { type SecureContext, type TLSSocket } from 'node:tls'

export interface GatewayIdentity {
  /** PEM of the local CA, as it is now */
  ca: () => string
  /** Whether the gateway serves a certificate that its CA has not signed. @param fingerprint SHA-256, colon-separated hex */
  isOwn: (fingerprint: string) => Promise<boolean>
}

/** Connections that wait for a request. */
const MAX_IDLE = 16

/**
 * Connects to the local gateway and to nobody else. What it shows to browsers may be signed by anybody, or by nobody: it
 * is known by its fingerprint then. A new connection resumes the session of
 * one before.
 */
export class GatewayAgent extends https.Agent {
  readonly #identity: GatewayIdentity
  /** takes long to make */
  #context: { ca: string; secure: SecureContext } | null = null
  /** of a connection that was the gateway's: who can resume it is the gateway */
  #session: Buffer | undefined

  /** @param keepsConnections for requests that can be sent again: the gateway may be about to close one */
  constructor(identity: GatewayIdentity, keepsConnections: boolean) {
    super({ keepAlive: keepsConnections, maxFreeSockets: MAX_IDLE, maxCachedSessions: 0 })
    this.#identity = identity
  }

  override createConnection(options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void): null {
    const secureContext = this.#secureContext()
    const resumed = this.#session === undefined ? {} : { session: this.#session }
    const secure = { secureContext, ...resumed, rejectUnauthorized: false }
    const socket = super.createConnection({ ...options, ...secure }) as TLSSocket
    const next = Promise.withResolvers<Buffer>()
    socket.on('session', next.resolve)
    let settled = false
    const settle = (error: Error | null) => {
      if (settled) return
      settled = true
      if (error !== null) socket.destroy()
      else void next.promise.then((one) => this.#keep(one, secureContext))
      done?.(error, socket)
    }
    socket.on('error', settle)
    socket.once('close', () => settle(new Error('the gateway has closed the connection')))
    socket.once('secureConnect', () => {
      this.#judge(socket).then(settle, settle)
    })
    return null
  }

  /** @returns why it is not the gateway; null when it is */
  async #judge(socket: TLSSocket): Promise<Error | null> {
    if (socket.authorized || socket.isSessionReused()) return null
    const { fingerprint256 } = socket.getPeerCertificate()
    if (fingerprint256 !== undefined && (await this.#identity.isOwn(fingerprint256))) return null
    return new Error(`what answers is not the gateway: ${socket.authorizationError}`)
  }

  #secureContext(): SecureContext {
    const ca = this.#identity.ca()
    if (this.#context?.ca !== ca) {
      this.#context = { ca, secure: tls.createSecureContext({ ca }) }
      this.#session = undefined
    }
    return this.#context.secure
  }

  #keep(session: Buffer, of: SecureContext): void {
    if (this.#context?.secure === of) this.#session = session
  }
}
