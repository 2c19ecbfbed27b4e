import { isDeepStrictEqual } from 'node:util'
import { formatAuthority } from '../../../shared/hostname.js'
import type { AgentEvent, AgentProxy } from '../../engine/tunnel/agent/agent-events.js'
import type { AllowFacts } from '../../engine/tunnel/agent/allow-list.js'
import { parseAllowRule } from '../../engine/tunnel/agent/allow-rules.js'
import { shownAddress } from '../../engine/tunnel/agent/relay-address.js'
import { ServicesAgent } from '../../engine/tunnel-services/services-agent.js'
import { plain } from '../escape.js'
import { note, print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { pingInterval } from '../relay-options.js'
import { StopSignals } from '../stop-signals.js'
import { formatConnected, formatProxies, formatWaiting } from './format-agent.js'
import { placesOfGateway } from './gateway-places.js'
import { type AccessOptions, relayAccess } from './relay-access.js'

export interface ConnectOptions extends CommonOptions, AccessOptions {
  allow?: string[]
  ping?: string
}

/** `portico tunnel connect`: until a signal ends it, or the relay refuses it for good. */
export async function tunnelConnect(url: string, options: ConnectOptions): Promise<void> {
  const rules = (options.allow ?? []).map(parseAllowRule)
  const pings = options.ping === undefined ? {} : { pingMs: pingInterval(options.ping) }
  const access = await relayAccess(url, options, process.env)
  const signals = new StopSignals()
  try {
    const tell = teller(shownAddress(access.url), () => agent.facts())
    const agent = new ServicesAgent({ access, rules, places: placesOfGateway(options), ...pings, onEvent: tell })
    const fault = await Promise.race([agent.ended, signals.first.then(() => null)])
    agent.close()
    if (fault !== null) throw fault
  } finally {
    signals.close()
  }
}

/** Writes what happens; what a person may have to act on goes to standard error. */
function teller(relay: string, facts: () => Promise<AllowFacts>): (event: AgentEvent) => void {
  let told: readonly AgentProxy[] | null = null
  const tellProxies = async (proxies: readonly AgentProxy[]) => {
    if (isDeepStrictEqual(proxies, told)) return
    told = proxies
    for (const line of formatProxies(proxies, await facts())) print(line)
  }
  return (event) => {
    if (event.type === 'connected') print(formatConnected(relay, event))
    else if (event.type === 'waiting') note(formatWaiting(event))
    else if (event.type === 'proxies') void tellProxies(event.proxies).catch((error) => note(plain(String(error))))
    else if (event.type === 'failed') note(formatFailed(event))
  }
}

function formatFailed({ target, client, reason }: Extract<AgentEvent, { type: 'failed' }>): string {
  const asked = target.kind === 'tcp' ? formatAuthority(target.host, target.port) : target.name
  return plain(`Not connected: ${asked} for ${client}: ${reason}.`)
}
