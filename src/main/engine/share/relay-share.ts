import type { Fault } from '../../../shared/fault.js'
import { TunnelAgent } from '../tunnel/agent/agent.js'
import type { AgentEvent } from '../tunnel/agent/agent-events.js'
import type { RelayAccess } from '../tunnel/agent/open-relay.js'
import type { Publication } from '../tunnel/agent/publications.js'
import type { TunnelStream } from '../tunnel/tunnel-stream.js'
import { AppHop, type AppHopOptions } from './app-hop.js'
import type { HopTraffic } from './hop-traffic.js'
import { nameRefused } from './relay-faults.js'

export type RelayShareEvent =
  | Extract<AgentEvent, { type: 'connected' | 'waiting' }>
  /** @param expires ISO 8601 */
  | { type: 'open'; url: string; expires: string | null }
  /** The relay does not give the name back yet after a reconnect; it is asked again. */
  | { type: 'withheld'; name: string; reason: string }
  /** The relay does not show it any more: its time is over, or it was taken away. It is of no use to go on. */
  | { type: 'unpublished'; reason: string }
  /** It never began, or the relay does not let this agent in any more. */
  | { type: 'failed'; fault: Fault }

export interface RelayShareOptions extends Pick<AppHopOptions, 'locate' | 'ca' | 'isOwn' | 'onFailure'> {
  access: RelayAccess
  publication: Publication
  onEvent: (event: RelayShareEvent) => void
}

/** An app under a name of a relay, until it is closed or the relay ends it: an agent of its own, that publishes this one name. */
export class RelayShare {
  readonly #options: RelayShareOptions
  readonly #hop: AppHop
  readonly #agent: TunnelAgent
  #origin: string | null = null
  #over = false

  constructor(options: RelayShareOptions) {
    const { access, publication } = options
    this.#options = options
    this.#hop = new AppHop({ ...options, publicOrigin: () => this.#origin })
    this.#agent = new TunnelAgent({
      access,
      serveApp: (_, stream) => this.#hop.take(stream as TunnelStream),
      onEvent: (event) => this.#take(event),
    })
    this.#agent.publish(publication)
  }

  get traffic(): HopTraffic {
    return this.#hop.traffic
  }

  /** round trip to the relay in milliseconds; null while it is not known */
  get latencyMs(): number | null {
    return this.#agent.status().latencyMs
  }

  /** Gives the name back. Nothing is told any more. */
  close(): void {
    this.#over = true
    this.#agent.close()
    this.#hop.close()
  }

  #take(event: AgentEvent): void {
    switch (event.type) {
      case 'connected':
      case 'waiting':
        this.#tell(event)
        break
      case 'published':
        this.#origin = new URL(event.url).origin
        this.#tell({ type: 'open', url: event.url, expires: event.expires })
        break
      case 'refused':
        if (event.retrying) this.#tell({ type: 'withheld', name: event.name, reason: event.reason })
        else this.#tell({ type: 'failed', fault: nameRefused(event.name, event.reason) })
        break
      case 'unpublished':
        this.#tell({ type: 'unpublished', reason: event.reason })
        break
      case 'ended':
        if (event.fault !== null) this.#tell({ type: 'failed', fault: event.fault })
        break
    }
  }

  #tell(event: RelayShareEvent): void {
    if (!this.#over) this.#options.onEvent(event)
  }
}
