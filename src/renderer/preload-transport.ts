import { type EngineState, engineStateSchema } from '../shared/shell-contract.js'
import { strings } from './strings.js'
import type { Connection, Reply, Transport } from './transport.js'

/** What the preload of the desktop app exposes. */
export interface Preload {
  call(name: string, params: unknown): Promise<unknown>
  on(name: string, listener: (payload: unknown) => void): () => void
}

/** The engine through the desktop app, which keeps its process running, subscriptions included, and tells how it is. */
export class PreloadTransport implements Transport {
  readonly #preload: Preload
  readonly #watchers = new Set<(connection: Connection) => void>()
  #connection: Connection = { state: 'connecting' }

  constructor(preload: Preload) {
    this.#preload = preload
    preload.on('engine', (payload) => {
      const parsed = engineStateSchema.safeParse(payload)
      if (parsed.success) this.#set(connectionOf(parsed.data))
    })
  }

  async call(name: string, params: unknown): Promise<Reply> {
    return (await this.#preload.call(name, params)) as Reply
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
    void this.#preload.call('engine.start', {})
  }

  #set(connection: Connection): void {
    this.#connection = connection
    for (const watcher of this.#watchers) watcher(connection)
  }
}

function connectionOf({ state, reason }: EngineState): Connection {
  if (state === 'running') return { state: 'connected' }
  if (state === 'starting') return { state: 'connecting' }
  const parts = reason === null ? [strings.connection.stopped] : [reason.message, reason.hint]
  return { state: 'disconnected', retryAt: Date.now(), hint: parts.filter((part) => part !== undefined).join(' ') }
}
