import http2, { type ClientHttp2Session, type ClientSessionOptions, type ServerOptions } from 'node:http2'
import type { Socket } from 'node:net'
import { type DialTarget, dial } from './dial.js'

/**
 * What a backend may send on a stream that is not being read: with the number of streams, what one connection can make
 * the gateway hold. The connection's own window is given back at once, so that no stream waits for another.
 */
const STREAM_WINDOW = 256 * 1024
const SESSION_WINDOW = 16 * 1024 * 1024

/** The backend accepted the connection and does not speak HTTP/2 on it; nothing was sent. */
export class NotHttp2 extends Error {
  override readonly name = 'NotHttp2'
  readonly code = 'ERR_NOT_HTTP2'
}

/**
 * Connects and waits for the backend's SETTINGS: they come first and at once from whoever speaks HTTP/2 (RFC 9113 section
 * 3.4), so that a backend which does not is found out before anything was sent.
 *
 * @param origin scheme, host and port
 * @param callback receives the session, or the reason there is none
 * @returns gives the attempt up, without a call of `callback`
 */
export function dialHttp2(
  target: DialTarget,
  origin: string,
  callback: (error: Error | null, session: ClientHttp2Session | null, socket: Socket | null) => void,
): () => void {
  const begun = performance.now()
  let session: ClientHttp2Session | null = null
  let timer: NodeJS.Timeout | undefined
  let settled = false
  const giveUpDialling = dial({ ...target, protocols: ['h2'] }, (error, socket) => {
    if (socket === null) return settle(refusedProtocol(error as Error, origin))
    if (target.secure && 'alpnProtocol' in socket && socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return settle(new NotHttp2(`${origin} does not offer HTTP/2 (ALPN "h2")`))
    }
    const left = Math.max(1, target.timeoutMs - (performance.now() - begun))
    timer = setTimeout(() => settle(new NotHttp2(`${origin} did not begin HTTP/2 in time`)), left)
    const opening = openSession(socket, origin)
    session = opening
    opening.on('error', () => settle(new NotHttp2(`${origin} does not speak HTTP/2`)))
    opening.on('close', () => settle(new NotHttp2(`${origin} does not speak HTTP/2`)))
    opening.once('remoteSettings', ({ maxConcurrentStreams }) => {
      if (maxConcurrentStreams === 0) return settle(new NotHttp2(`${origin} takes no HTTP/2 requests`))
      if (settled) return
      settled = true
      clearTimeout(timer)
      callback(null, opening, socket)
    })
  })
  return () => {
    if (settled) return
    settled = true
    clearTimeout(timer)
    giveUpDialling()
    session?.destroy()
  }

  function settle(error: Error): void {
    if (settled) return
    settled = true
    clearTimeout(timer)
    session?.destroy()
    callback(error, null, null)
  }
}

function openSession(socket: Socket, origin: string): ClientHttp2Session {
  const options: ClientSessionOptions & Pick<ServerOptions, 'strictSingleValueFields'> = {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: 64 * 1024 },
    maxHeaderListPairs: 2_000,
    maxSessionMemory: 64,
    strictSingleValueFields: false, // what a client repeats is the backend's to judge, as on HTTP/1.1
  }
  const session = http2.connect(origin, options)
  session.setLocalWindowSize(SESSION_WINDOW)
  socket.on('end', () => session.destroy()) // frames have to flow both ways: its end is the end
  return session
}

/** A TLS server that knows ALPN and has no "h2" ends the handshake (RFC 7301 section 3.2). */
function refusedProtocol(error: Error, origin: string): Error {
  const code = 'code' in error ? String(error.code) : ''
  return code.includes('NO_APPLICATION_PROTOCOL') ? new NotHttp2(`${origin} does not offer HTTP/2 (ALPN "h2")`) : error
}
