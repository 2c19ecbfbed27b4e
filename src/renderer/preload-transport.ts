import { backOff, type Connection, type Reply, type Transport } from './transport.js'

/** What the preload of the desktop app exposes. */
export interface Preload {
  call(name: string, params: unknown): Promise<unknown>
  on(name: string, listener: (payload: unknown) => void): () => void
}

/** The engine through the desktop app, which restarts it when it dies: then it is asked until it answers again. */
export class PreloadTransport implements Transport {
  readonly #preload: Preload
  readonly #watchers = new Set<(connection: Connection) => void>()
  #connection: Connection = { state: 'connecting' }
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0

  constructor(preload: Preload) {
    this.#preload = preload
    void this.#probe()
  }

  async call(name: string, params: unknown): Promise<Reply> {
    const reply = (await this.#preload.call(name, params)) as Reply
    if ('fault' in reply && reply.fault.code === 'not-running') this.#lose()
    return reply
  }

  on(name: string, listener: (payload: unknown) => void): () => void {
    return this.#preload.on(name, listener)
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
    void this.#probe()
  }

  async #probe(): Promise<void> {
    const reply = await this.call('status', {})
    if ('fault' in reply && reply.fault.code === 'not-running') return
    this.#failures = 0
    this.#set({ state: 'connected' })
  }

  #lose(): void {
    if (this.#connection.state === 'disconnected') return
    this.#failures++
    const pause = backOff(this.#failures)
    this.#set({ state: 'disconnected', retryAt: Date.now() + pause })
    this.#timer = setTimeout(() => this.retry(), pause)
  }

  #set(connection: Connection): void {
    this.#connection = connection
    for (const watcher of this.#watchers) watcher(connection)
  }
}
