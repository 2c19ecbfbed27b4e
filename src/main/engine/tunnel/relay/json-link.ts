import type { RawData, WebSocket } from 'ws'
import { MalformedFrame, type TunnelTarget } from '../frames.js'
import { LINK_CLOSE } from '../tunnel-link.js'
import { TunnelError } from '../tunnel-stream.js'
import type { AgentLink, AgentStream } from './agent-link.js'
import { dataMessages, decodeClientMessage, type JsonMessage, type JsonUser } from './json/json-messages.js'
import { type JsonCarrier, JsonStream } from './json/json-stream.js'

export { MAX_JSON_MESSAGE } from './json/json-messages.js'

export interface JsonLinkOptions {
  /** open, of the JSON subprotocol */
  socket: WebSocket
  /** milliseconds between two pings; a client that does not answer until the next one is taken for dead */
  pingMs: number
  malformed: (reason: string) => void
  closed: () => void
}

/**
 * The older form of the protocol: a JSON message for each thing that happens to a user's connection. It knows neither
 * windows nor half-closes, and does not say whether a service was reached.
 */
export class JsonLink implements AgentLink, JsonCarrier {
  latencyMs: number | null = null
  readonly #socket: WebSocket
  readonly #options: JsonLinkOptions
  readonly #streams = new Map<string, JsonStream>()
  readonly #held = new Set<JsonStream>()
  readonly #pings: NodeJS.Timeout
  #nextUser = 1
  #pingedAt: number | null = null
  #heard = false
  #closed = false

  constructor(options: JsonLinkOptions) {
    const { socket, pingMs } = options
    this.#socket = socket
    this.#options = options
    this.#pings = setInterval(() => this.#ping(), pingMs).unref()
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary))
    socket.on('pong', () => this.#takePong())
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#lost())
    this.#ping()
  }

  get streams(): number {
    return this.#streams.size
  }

  open(target: TunnelTarget, _client: string, opened: () => void, proxy: string): AgentStream {
    const user = { proxy_id: proxy, user_id: String(this.#nextUser++) }
    const stream = new JsonStream(user, this)
    if (this.#closed || target.kind !== 'tcp') {
      process.nextTick(() => stream.fail(new TunnelError('reset', 'the agent is not connected')))
      return stream
    }
    this.#streams.set(user.user_id, stream)
    this.#send({ type: 'proxy_connect', ...user, remote_host: target.host, remote_port: target.port, protocol: 'tcp' })
    // No answer is to be expected: what comes is the service's.
    process.nextTick(() => {
      if (!stream.destroyed) opened()
    })
    return stream
  }

  /** These messages are of the other form. */
  control(): void {}

  close(code: number, reason: string): void {
    if (this.#closed) return
    this.#socket.close(code, reason)
    this.#lost()
  }

  sendData(user: JsonUser, chunk: Buffer, written: (error?: Error | null) => void): void {
    const messages = dataMessages(user, chunk)
    const last = messages.pop()
    for (const message of messages) this.#send(message)
    if (last === undefined) written()
    else this.#send(last, written)
  }

  sendDisconnect(user: JsonUser): void {
    this.#send({ type: 'proxy_disconnect', ...user })
  }

  hold(stream: JsonStream, holding: boolean): void {
    if (holding) this.#held.add(stream)
    else this.#held.delete(stream)
    if (this.#closed) return
    if (this.#held.size > 0) this.#socket.pause()
    else this.#socket.resume()
  }

  over(stream: JsonStream): void {
    this.#streams.delete(stream.user.user_id)
  }

  #send(message: JsonMessage, written?: (error?: Error | null) => void): void {
    if (this.#closed) written?.(new TunnelError('reset', 'the tunnel is closed'))
    else this.#socket.send(JSON.stringify(message), (error) => written?.(error))
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#closed) return
    this.#heard = true
    try {
      if (isBinary) throw new MalformedFrame('a binary message')
      const message = decodeClientMessage(String(data))
      const stream = message === null ? undefined : this.#streams.get(message.user_id)
      // To a connection that is over, things may be sent before the sender knows.
      if (message?.type === 'proxy_data') stream?.receive(Buffer.from(message.data, 'base64'))
      else if (message?.type === 'proxy_disconnect') stream?.receiveDisconnect()
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      this.#options.malformed(error.message)
      this.close(LINK_CLOSE.protocol, error.message)
    }
  }

  #ping(): void {
    // Its answer may be among what waits for a user who takes nothing.
    if (this.#held.size > 0 || this.#socket.readyState !== this.#socket.OPEN) return
    const heard = this.#heard
    this.#heard = false
    if (this.#pingedAt !== null) {
      // An answer may wait behind data, which are answer enough; what came in a pause of this process, behind the timers.
      if (!heard) setImmediate(() => this.#giveUp())
      return
    }
    this.#pingedAt = performance.now()
    this.#socket.ping()
  }

  #giveUp(): void {
    if (this.#heard || this.#closed) return
    this.#socket.terminate()
    this.#lost()
  }

  #takePong(): void {
    this.#heard = true
    if (this.#pingedAt === null) return
    this.latencyMs = performance.now() - this.#pingedAt
    this.#pingedAt = null
  }

  #lost(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#pings)
    for (const stream of [...this.#streams.values()]) stream.fail(new TunnelError('reset', 'the tunnel is closed'))
    this.#options.closed()
  }
}
