import type { FaultData } from '../shared/fault.js'
import { strings } from './strings.js'
import { backOff, type Connection, type Reply, type Transport } from './transport.js'

const STEADY_MS = 5_000
/** RFC 6455 section 7.4.1: the server refuses whoever asks. */
const POLICY_VIOLATION = 1008

interface ServerFrame {
  id?: number | null
  result?: unknown
  fault?: FaultData
  event?: string
  payload?: unknown
}

/**
 * The engine over a WebSocket, one JSON object per message. It reconnects by itself with a growing pause and subscribes
 * again; calls under way when it broke are answered with a fault, since nobody knows whether they were carried out.
 */
export class SocketTransport implements Transport {
  readonly #url: string
  readonly #calls = new Map<number, (reply: Reply) => void>()
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>()
  readonly #watchers = new Set<(connection: Connection) => void>()
  #connection: Connection = { state: 'connecting' }
  #socket: WebSocket
  #timer: ReturnType<typeof setTimeout> | undefined
  #nextId = 1
  #failures = 0
  #openedAt = 0

  /** @param url the `ws:` or `wss:` address of the engine's contract */
  constructor(url: string) {
    this.#url = url
    this.#socket = this.#open()
  }

  call(name: string, params: unknown): Promise<Reply> {
    if (this.#connection.state !== 'connected') return Promise.resolve({ fault: lost() })
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#calls.set(id, resolve)
      this.#send({ id, name, params })
    })
  }

  on(name: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    if (listeners.size === 0) this.#send({ subscribe: name })
    listeners.add(listener)
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#send({ unsubscribe: name })
    }
  }

  watch(listener: (connection: Connection) => void): () => void {
    this.#watchers.add(listener)
    listener(this.#connection)
    return () => void this.#watchers.delete(listener)
  }

  retry(): void {
    if (this.#connection.state !== 'disconnected') return
    clearTimeout(this.#timer)
    this.#set({ state: 'connecting' })
    this.#socket = this.#open()
  }

  /** Ends the connection for good. */
  close(): void {
    clearTimeout(this.#timer)
    this.#socket.onclose = null
    this.#socket.close()
  }

  #open(): WebSocket {
    const socket = new WebSocket(this.#url)
    socket.onopen = () => {
      this.#openedAt = Date.now()
      for (const [name, listeners] of this.#listeners)
        if (listeners.size > 0) socket.send(JSON.stringify({ subscribe: name }))
      this.#set({ state: 'connected' })
    }
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as ServerFrame)
    socket.onclose = ({ code }) => this.#closed(code)
    return socket
  }

  #receive(frame: ServerFrame): void {
    if (frame.event !== undefined) {
      for (const listener of this.#listeners.get(frame.event) ?? []) listener(frame.payload)
      return
    }
    const answer = this.#calls.get(frame.id ?? -1)
    this.#calls.delete(frame.id ?? -1)
    answer?.(frame.fault === undefined ? { result: frame.result } : { fault: frame.fault })
  }

  #closed(code: number): void {
    for (const answer of this.#calls.values()) answer({ fault: lost() })
    this.#calls.clear()
    // A server that accepts and hangs up at once must not be asked in a tight loop.
    const steady = this.#openedAt > 0 && Date.now() - this.#openedAt > STEADY_MS
    this.#failures = steady ? 1 : this.#failures + 1
    const neverOpened = this.#openedAt === 0
    const pause = backOff(this.#failures)
    this.#set({
      state: 'disconnected',
      retryAt: Date.now() + pause,
      ...(code === POLICY_VIOLATION || neverOpened ? { hint: strings.connection.loginAgain } : {}),
    })
    this.#timer = setTimeout(() => this.retry(), pause)
  }

  #send(frame: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #set(connection: Connection): void {
    this.#connection = connection
    for (const watcher of this.#watchers) watcher(connection)
  }
}

function lost(): FaultData {
  return { code: 'not-running', message: strings.connection.lost, hint: strings.connection.lostHint }
}
