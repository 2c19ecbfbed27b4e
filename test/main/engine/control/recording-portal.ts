import type {
  CommandName,
  CommandParams,
  CommandResult,
  EventName,
  EventPayload,
  ExchangeEntry,
  Portal,
} from '../../../../src/shared/contract.js'

type Answer = (name: CommandName, params: unknown) => unknown

/** A Portal made by hand: answers what the test says, notes what it was asked, and sends events on demand. */
export class RecordingPortal implements Portal {
  readonly calls: { name: CommandName; params: unknown }[] = []
  readonly #answer: Answer
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()

  constructor(answer: Answer = () => ({})) {
    this.#answer = answer
  }

  async call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    this.calls.push({ name, params })
    return (await this.#answer(name, params)) as CommandResult<N>
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener as (payload: never) => void)
    return () => listeners.delete(listener as (payload: never) => void)
  }

  emit<N extends EventName>(name: N, payload: EventPayload<N>): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never)
  }

  followers(name: EventName): number {
    return this.#listeners.get(name)?.size ?? 0
  }
}

/** An access-log entry that the schema accepts, but for what the test changes. */
export function entry(changes: Partial<ExchangeEntry> = {}): ExchangeEntry {
  return {
    time: '2026-01-02T03:04:05.678Z',
    id: 'e1',
    app: 'shop',
    host: 'shop.localhost',
    method: 'GET',
    path: '/',
    status: 200,
    bytesIn: 0,
    bytesOut: 12,
    connectMs: 0.4,
    firstByteMs: 3.2,
    totalMs: 4.5,
    client: '127.0.0.1',
    protocol: 'h2',
    backend: 'http://127.0.0.1:3000',
    attempts: 1,
    error: null,
    ...changes,
  }
}
