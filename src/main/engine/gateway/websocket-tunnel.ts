import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { WebSocketClient } from './websocket-client.js'
import type { TunnelEnd } from './websocket-tunnel-end.js'

/** How long a tunnel lives on without traffic once one side has ended its half. */
const HALF_OPEN_MS = 30_000
/**
 * How long a client may stay quiet once it has all that the backend sent before it closed. A server is the one that closes
 * (RFC 6455 section 7.1.1), and takes nothing afterwards; Firefox never ends its half of an HTTP/2 stream.
 */
const SERVED_MS = 2_000
/** How long both sides have to take their end when the gateway stops. */
const FAREWELL_MS = 1_000

export interface TunnelParts {
  client: WebSocketClient
  /** the client as http-proxy-3 sees it; its pipes connect it with `backend` */
  end: TunnelEnd
  backend: Socket
  /** called once, when both sides are gone, or with what broke the tunnel off */
  onClosed: (reason: TunnelBreak | null) => void
  halfOpenMs?: number
}

export type TunnelBreak = 'client' | 'backend' | 'half-open' | 'stopped'

/**
 * The lifetime of one open WebSocket. Bytes, back-pressure and the end of either half pass through the pipes; this
 * makes sure that no side outlives the other. An idle tunnel lives for as long as both sides are there.
 */
export class Tunnel {
  readonly #parts: TunnelParts
  readonly #halfOpenMs: number
  #timer: NodeJS.Timeout | null = null
  #closed = false
  /** the gateway is ending it: the client's own end is no longer looked for */
  #ending = false

  constructor(parts: TunnelParts) {
    this.#parts = parts
    this.#halfOpenMs = parts.halfOpenMs ?? HALF_OPEN_MS
    const { client, end, backend } = parts
    client.duplex.once('end', this.#onHalf)
    client.duplex.once('close', this.#onClientClose)
    backend.once('end', this.#onHalf)
    backend.once('error', this.#onBackendError)
    backend.once('close', this.#onBackendClose)
    if (end.clientEnded) this.#onHalf()
  }

  /** Breaks off whatever is left, visibly for both. */
  break(reason: TunnelBreak): void {
    const { client, end, backend } = this.#parts
    this.#close(reason)
    backend.destroy()
    end.destroy()
    client.breakOff()
  }

  /** Ends both sides, behind what was taken from the other; those that do not take it in time are broken off. */
  end(): void {
    if (this.#closed || this.#ending) return
    this.#ending = true
    const { end, backend } = this.#parts
    backend.unpipe(end)
    backend.resume()
    end.finish()
    this.#arm(FAREWELL_MS, () => this.break('stopped'))
  }

  readonly #onHalf = (): void => {
    if (!this.#closed && !this.#ending && this.#timer === null) this.#watchHalfOpen()
  }

  #watchHalfOpen(): void {
    const { client, end, backend } = this.#parts
    const quiet = () => performance.now() - end.lastTraffic
    const pause = backend.readableEnded ? Math.min(SERVED_MS, this.#halfOpenMs) : this.#halfOpenMs - quiet()
    this.#arm(Math.max(pause, 1), () => {
      if (quiet() >= SERVED_MS && backend.readableEnded && client.duplex.writableFinished) this.#leave()
      else if (quiet() >= this.#halfOpenMs) this.break('half-open')
      else this.#watchHalfOpen()
    })
  }

  /** The backend is done, and the client has it all: an end in order, although the client does not say so. */
  #leave(): void {
    const { client, end, backend } = this.#parts
    this.#close(null)
    backend.destroy()
    end.destroy()
    client.leave()
  }

  #arm(ms: number, action: () => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(action, ms).unref()
  }

  /** After an orderly end of both halves, what the client had sent before may still be on its way to the backend. */
  readonly #onClientClose = (): void => {
    const { client, backend } = this.#parts
    const ended = this.#ending || client.duplex.readableEnded
    if (client.aborted || !ended || !client.duplex.writableFinished) this.break('client')
    else if (backend.destroyed) this.#close(null)
  }

  readonly #onBackendError = (): void => this.break('backend')

  /** http-proxy-3 ends the client's half; an orderly end had done so before. */
  readonly #onBackendClose = (): void => {
    const { client, backend } = this.#parts
    if (!backend.readableEnded || !backend.writableFinished) this.break('backend')
    else if (client.duplex.destroyed) this.#close(null)
  }

  #close(reason: TunnelBreak | null): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#parts.onClosed(reason)
  }
}
