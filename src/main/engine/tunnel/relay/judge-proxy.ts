import { Fault } from '../../../../shared/fault.js'
import { formatAuthority } from '../../../../shared/hostname.js'
import { DEFAULT_LIMITS, type ProxyRecord, type TokenRecord } from './relay-schemas.js'
import { hasExpired } from './token-store.js'

/**
 * Why there may be no such proxy; null when there may.
 *
 * @param wanted its port 0 when any that is free will do
 * @param now milliseconds since the epoch
 */
export function judgeProxy(
  wanted: ProxyRecord,
  proxies: readonly ProxyRecord[],
  tokens: readonly TokenRecord[],
  now: number,
): Fault | null {
  const { agent, localPort } = wanted
  // An agent without a token gets its proxies, which lead nowhere until it has one.
  const own = tokens.filter((token) => token.agent === agent && !hasExpired(token, now))
  if (localPort !== 0 && own.length > 0 && !own.some(({ ports }) => within(ports, localPort))) {
    const hint = 'Choose one of these ports, or create a token with other ones.'
    return new Fault('forbidden', `The agent "${agent}" may have ${rangesOf(own)}, not ${localPort}.`, hint)
  }
  const most = own.length === 0 ? DEFAULT_LIMITS.proxies : Math.max(...own.map(({ limits }) => limits.proxies))
  if (proxies.filter((proxy) => proxy.agent === agent).length >= most) {
    return new Fault('overloaded', `The agent "${agent}" may have ${most} proxies, and has them.`, 'Remove one first.')
  }
  const taken = proxies.find((proxy) => proxy.localPort === localPort && proxy.address === wanted.address)
  if (localPort === 0 || taken === undefined) return null
  const where = formatAuthority(taken.address, taken.localPort)
  return new Fault('conflict', `${where} leads to the agent "${taken.agent}" already.`, 'Remove that proxy first.')
}

function within(ports: TokenRecord['ports'], port: number): boolean {
  return ports === null || (port >= ports.from && port <= ports.to)
}

function rangesOf(tokens: readonly TokenRecord[]): string {
  return tokens.map(({ ports }) => (ports === null ? 'any port' : `ports ${ports.from} to ${ports.to}`)).join(' or ')
}
