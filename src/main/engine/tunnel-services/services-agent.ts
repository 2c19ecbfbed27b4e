import type { Fault } from '../../../shared/fault.js'
import type { OwnPlaces } from '../../../shared/own-places.js'
import { TunnelAgent } from '../tunnel/agent/agent.js'
import type { AgentEvent, AgentStatus } from '../tunnel/agent/agent-events.js'
import { type AllowFacts, judgeTarget } from '../tunnel/agent/allow-list.js'
import type { AllowRule } from '../tunnel/agent/allow-rules.js'
import type { RelayAccess } from '../tunnel/agent/open-relay.js'
import { TunnelError } from '../tunnel/tunnel-stream.js'
import { allowFacts } from './allow-facts.js'
import { type ServiceConnection, ServiceTraffic } from './service-traffic.js'

export interface ServicesAgentOptions {
  access: RelayAccess
  rules: readonly AllowRule[]
  /** Ports of this machine, as things are now; asked with each connection. Null: whatever is asked for is refused. */
  places: () => OwnPlaces | null | Promise<OwnPlaces | null>
  /** milliseconds between two pings */
  pingMs?: number
  onEvent: (event: AgentEvent) => void
}

/** An agent that connects users of a relay to TCP services, as far as that is allowed, and counts what passes. */
export class ServicesAgent {
  readonly traffic = new ServiceTraffic()
  readonly #options: ServicesAgentOptions
  readonly #agent: TunnelAgent
  #rules: readonly AllowRule[]

  constructor(options: ServicesAgentOptions) {
    const { access, rules, pingMs } = options
    this.#options = options
    this.#rules = rules
    this.#agent = new TunnelAgent({
      access,
      facts: () => this.facts(),
      ...(pingMs === undefined ? {} : { pingMs }),
      onEvent: (event) => this.#take(event),
    })
  }

  /** Resolves when it has stopped: with the reason, or with null when it was closed. */
  get ended(): Promise<Fault | null> {
    return this.#agent.ended
  }

  status(): AgentStatus {
    return this.#agent.status()
  }

  /** What targets are judged by now. @throws TunnelError while nothing is allowed at all */
  async facts(): Promise<AllowFacts> {
    const places = await this.#options.places()
    if (places === null) throw new TunnelError('forbidden', 'this machine connects to nothing at the moment')
    return allowFacts(this.#rules, places)
  }

  /** From now on this is allowed; connections that are open and still allowed stay. */
  async allow(rules: readonly AllowRule[]): Promise<void> {
    this.#rules = rules
    await this.judgeAgain(this.traffic.open)
  }

  /** Ends those of the connections that would not be made any more. */
  async judgeAgain(connections: Iterable<ServiceConnection>): Promise<void> {
    const facts = await this.facts().catch(() => null)
    for (const { stream, ...target } of [...connections]) {
      if (facts === null || !judgeTarget(target, facts).allowed) {
        stream.destroy(new TunnelError('forbidden', 'it is not allowed any more'))
      }
    }
  }

  /** Ends for good, and every connection with it. */
  close(): void {
    this.#agent.close()
  }

  #take(event: AgentEvent): void {
    if (event.type === 'proxies') this.traffic.know(event.proxies)
    else if (event.type === 'failed') this.traffic.refused(event, Date.now())
    // What is allowed may have changed while it was dialled.
    else if (event.type === 'dialled') void this.judgeAgain([this.traffic.made(event)])
    this.#options.onEvent(event)
  }
}
