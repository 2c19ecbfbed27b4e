import dns from 'node:dns'
import net, { type LookupFunction } from 'node:net'
import tls from 'node:tls'
import { isLoopbackHost } from '../../../shared/hostname.js'

/** How long one address is tried while there is another one. */
const ATTEMPT_MS = 250
/**
 * On the loopback nobody listening is known at once, so time only passes where somebody does: a backend whose backlog is
 * full for a moment answers the second SYN, a second later.
 */
const LOOPBACK_ATTEMPT_MS = 2_000

export interface DialTarget {
  host: string
  port: number
  secure: boolean
  /** name to present and to verify in TLS */
  serverName: string
  ca: Buffer | undefined
  insecure: boolean
  /** milliseconds for TCP and TLS together */
  timeoutMs: number
  /** keep sending after the backend has ended its half; false unless told */
  allowHalfOpen?: boolean
  /** what is offered by ALPN; HTTP/1.1 only unless told */
  protocols?: string[]
}

/** The time for connecting ran out; nothing was sent. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout'
  readonly code = 'ETIMEDOUT'
}

/**
 * Opens one connection to a backend, over whichever address family answers: many dev servers listen on `::1` only.
 *
 * @param callback receives the connected (and, for TLS, verified) socket, or the reason there is none
 * @returns gives the attempt up, without a call of `callback`; does nothing once that has been called
 */
export function dial(
  target: DialTarget,
  callback: (error: Error | null, socket: net.Socket | null) => void,
): () => void {
  const options = {
    host: target.host,
    port: target.port,
    lookup: lookupBothFamilies,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: isLoopbackHost(target.host) ? LOOPBACK_ATTEMPT_MS : ATTEMPT_MS,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    highWaterMark: 16 * 1024, // less than one read: with more, several reads would be copied into one buffer
    allowHalfOpen: target.allowHalfOpen ?? false,
  }
  const socket = target.secure ? tls.connect({ ...options, ...tlsOptions(target) }) : net.connect(options)
  const timer = setTimeout(() => {
    settle(new ConnectTimeout(`no connection to ${target.host}:${target.port} within ${target.timeoutMs} ms`))
  }, target.timeoutMs)
  const onConnect = () => settle(null)
  const onError = (error: Error) => settle(error)
  socket.once(target.secure ? 'secureConnect' : 'connect', onConnect)
  socket.once('error', onError)
  let settled = false
  return () => {
    if (!settled) giveUp()
  }

  function settle(error: Error | null): void {
    if (settled) return
    if (error === null) {
      settled = true
      clearTimeout(timer)
      socket.off('error', onError)
      callback(null, socket)
      return
    }
    giveUp()
    callback(error, null)
  }

  function giveUp(): void {
    settled = true
    clearTimeout(timer)
    socket.off('error', onError)
    socket.on('error', () => {}) // the failure is being reported already, or nobody waits for it
    socket.destroy()
  }
}

/** Options for a TLS connection to a backend: verified by default. */
export function tlsOptions(
  target: Pick<DialTarget, 'serverName' | 'ca' | 'insecure' | 'protocols'>,
): tls.ConnectionOptions {
  return {
    ...(net.isIP(target.serverName) === 0 ? { servername: target.serverName } : {}),
    ...(target.ca === undefined ? {} : { ca: target.ca }),
    rejectUnauthorized: !target.insecure,
    checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(target.serverName, certificate),
    ALPNProtocols: target.protocols ?? ['http/1.1'],
  }
}

/** `localhost` is this machine in both families, whatever a resolver says of it (RFC 6761 section 6.3). */
export const lookupBothFamilies: LookupFunction = (hostname, options, callback) => {
  if (hostname !== 'localhost' && !hostname.endsWith('.localhost')) {
    dns.lookup(hostname, options, callback as never)
    return
  }
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
  ]
  if (options.all) callback(null, both)
  else callback(null, '127.0.0.1', 4)
}
