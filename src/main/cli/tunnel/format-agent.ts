import { formatAuthority } from '../../../shared/hostname.js'
import type { AgentEvent, AgentProxy } from '../../engine/tunnel/agent/agent-events.js'
import { type AllowFacts, judgeUnresolved } from '../../engine/tunnel/agent/allow-list.js'
import { plain } from '../escape.js'

/** `Connected to wss://relay.example.com as laptop.` */
export function formatConnected(relay: string, { agent, again }: Extract<AgentEvent, { type: 'connected' }>): string {
  return plain(`Connected${again ? ' again' : ''} to ${relay} as ${agent}.`)
}

/** `Connection lost: the relay has stopped. Trying again in 0.4 s.` */
export function formatWaiting({ reason, retryMs, wasConnected }: Extract<AgentEvent, { type: 'waiting' }>): string {
  const when = retryMs < 50 ? 'now' : `in ${(retryMs / 1000).toFixed(1)} s`
  return plain(`${wasConnected ? 'Connection lost' : 'Not connected'}: ${reason}. Trying again ${when}.`)
}

/** One line for each port of the relay that leads here, and what a person would have to do for it to work. */
export function formatProxies(proxies: readonly AgentProxy[], facts: AllowFacts): string[] {
  if (proxies.length === 0) return ['No port of the relay leads here yet.']
  return proxies.map(({ address, remoteHost, remotePort }) => {
    const target = formatAuthority(remoteHost, remotePort)
    const refused = judgeUnresolved(remoteHost, remotePort, facts).allowed
      ? ''
      : `   (refused here; to allow it: --allow ${target})`
    return plain(`  ${address} of the relay -> ${target}${refused}`)
  })
}
