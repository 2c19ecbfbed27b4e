import { formatAuthority } from '../../../shared/hostname.js'
import type { TunnelProxy, TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { plain } from '../escape.js'
import { formatBytes } from '../format-entry.js'
import { styled } from '../output.js'
import { formatTable } from '../table.js'

const HEAD = ['RELAY', 'STATE', 'AT THE RELAY', 'LEADS TO', '', 'USERS', 'IN', 'OUT', 'ALLOWED', 'WHY']
const STYLES = { connecting: 'yellow', connected: 'green', waiting: 'yellow', ended: 'dim' } as const

/** A line for each port of a relay that leads here; a relay without any has one of its own. */
export function formatTunnels(tunnels: readonly TunnelStatus[]): string[] {
  if (tunnels.length === 0) {
    return ['No relay reaches services here. Let the users of one: portico tunnel open wss://relay.example.com']
  }
  return formatTable(
    HEAD,
    tunnels.flatMap((tunnel) => {
      const { relay, state, allow, reason } = tunnel
      const why = plain(reason?.message.replace(/\.$/, '') ?? '')
      const proxies = tunnel.proxies.length === 0 ? [null] : tunnel.proxies
      return proxies.map((proxy, at) => {
        const head = at === 0 ? [plain(relay), styled(STYLES[state], state)] : ['', '']
        return [...head, ...proxyCells(proxy), at === 0 ? plain(allow.join(', ')) : '', at === 0 ? why : '']
      })
    }),
  )
}

function proxyCells(proxy: TunnelProxy | null): string[] {
  if (proxy === null) return ['', '', '', '', '', '']
  const { address, host, port, allowed, open, total, bytesIn, bytesOut } = proxy
  const verdict = allowed ? '' : styled('red', 'refused')
  const target = plain(formatAuthority(host, port))
  return [plain(address), target, verdict, `${open} of ${total}`, formatBytes(bytesIn), formatBytes(bytesOut)]
}
