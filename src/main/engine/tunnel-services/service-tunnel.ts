import type { Logger } from 'pino'
import type { Fault } from '../../../shared/fault.js'
import type { OwnPlaces } from '../../../shared/own-places.js'
import type { TunnelProxy, TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { wordedFor } from '../share/saved-relay.js'
import type { AgentEvent, AgentProxy } from '../tunnel/agent/agent-events.js'
import { type AllowFacts, judgeUnresolved } from '../tunnel/agent/allow-list.js'
import type { RelayAccess } from '../tunnel/agent/open-relay.js'
import { allowFacts } from './allow-facts.js'
import type { Allowance } from './read-allow.js'
import type { ServiceTraffic } from './service-traffic.js'
import { ServicesAgent } from './services-agent.js'

type Reason = NonNullable<TunnelStatus['reason']>

export interface ServiceTunnelOptions {
  /** address of the saved relay */
  relay: string
  access: RelayAccess
  allowance: Allowance
  /** as things are now; null while the gateway is off */
  places: () => OwnPlaces | null
  log: Logger
  onChange: () => void
}

export interface TunnelFigures {
  relay: string
  /** users of the relay reach what they may */
  up: boolean
  open: number
  total: number
  failed: number
  bytesIn: number
  bytesOut: number
  /** round trip in milliseconds; null when it is not known */
  latencyMs: number | null
}

/** One relay whose users reach services here, from the wish to its end and what is left to tell of it. */
export class ServiceTunnel {
  readonly #options: ServiceTunnelOptions
  readonly #agent: ServicesAgent
  #allowance: Allowance
  #state: TunnelStatus['state'] = 'connecting'
  #reason: Reason | null = null
  #wasConnected = false

  constructor(options: ServiceTunnelOptions) {
    const { access, allowance, places } = options
    this.#options = options
    this.#allowance = allowance
    this.#agent = new ServicesAgent({
      access,
      rules: allowance.rules,
      places,
      onEvent: (event) => this.#take(event),
    })
  }

  get ended(): boolean {
    return this.#state === 'ended'
  }

  status(): TunnelStatus {
    const { agent, latencyMs, proxies } = this.#agent.status()
    const places = this.#options.places()
    const off = places === null && !this.ended
    const facts = allowFacts(this.#allowance.rules, places ?? { ownPorts: [], reservedPorts: [] })
    return {
      relay: this.#options.relay,
      agent,
      state: off ? 'waiting' : this.#state,
      reason: off ? (this.#reason ?? OFF) : this.#reason,
      allow: this.#allowance.written,
      proxies: proxies.map((proxy) => tellProxy(proxy, facts, this.#agent.traffic)),
      latencyMs,
      refusals: this.#agent.traffic.refusals,
    }
  }

  /** For the metrics. */
  figures(): TunnelFigures {
    const { relay, places } = this.#options
    const { open, total, failed, bytesIn, bytesOut } = this.#agent.traffic.all.read()
    const up = this.#state === 'connected' && places() !== null
    return { relay, up, open, total, failed, bytesIn, bytesOut, latencyMs: this.#agent.status().latencyMs }
  }

  /** From now on this is allowed; users' connections that still are stay. */
  async allow(allowance: Allowance): Promise<void> {
    this.#allowance = allowance
    await this.#agent.allow(allowance.rules)
    this.#options.onChange()
  }

  /** The config or the listeners may have changed. */
  look(): void {
    if (this.ended) return
    void this.#agent.judgeAgain(this.#agent.traffic.open)
    this.#options.onChange()
  }

  /** For good. Nothing is told any more. */
  close(): void {
    this.#state = 'ended'
    this.#agent.close()
  }

  #take(event: AgentEvent): void {
    if (this.ended) return
    this.#note(event)
    if (event.type === 'connected') {
      this.#state = 'connected'
      this.#reason = null
      this.#wasConnected = true
    } else if (event.type === 'waiting') {
      this.#state = 'waiting'
      const what = this.#wasConnected ? 'The connection to the relay is lost' : 'There is no connection to the relay'
      this.#reason = { message: `${what}: ${event.reason}.`, hint: 'It is tried again by itself.' }
    } else if (event.type === 'ended' && event.fault !== null) {
      this.#state = 'ended'
      this.#reason = reasonOf(event.fault)
    }
    this.#options.onChange()
  }

  #note(event: AgentEvent): void {
    const { log, relay } = this.#options
    if (event.type === 'connected') log.info({ relay, agent: event.agent }, 'users of a relay reach services here')
    else if (event.type === 'ended') log.warn({ relay, reason: event.fault?.message }, 'a tunnel of services has ended')
  }
}

const OFF: Reason = {
  message: 'The gateway is off, and its services with it.',
  hint: 'Turn it on again with: portico resume',
}

const NEW_TOKEN =
  'Have a new one made (portico relay token create --agent ID), save the relay again with it, and connect again.'

function reasonOf(fault: Fault): Reason {
  const { code, message, hint: known } = wordedFor(fault)
  const hint = code === 'unauthorized' ? NEW_TOKEN : known
  return { message, ...(hint === undefined ? {} : { hint }) }
}

function tellProxy(
  { id, address, remoteHost: host, remotePort: port }: AgentProxy,
  facts: AllowFacts,
  traffic: ServiceTraffic,
): TunnelProxy {
  const verdict = judgeUnresolved(host, port, facts)
  const { open, total, failed, bytesIn, bytesOut, connectMs } = traffic.of(host, port)
  const refusal = verdict.allowed ? null : { reason: verdict.reason, guarded: verdict.guarded }
  const figures = { open, total, failed, bytesIn, bytesOut, connectMs }
  return { id, address, host, port, allowed: verdict.allowed, refusal, ...figures }
}
