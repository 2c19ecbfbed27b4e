import type { SharedFact, TunnelFact } from './engine-facts.js'
import { cut, type MenuEntry } from './menu-entry.js'

/** Longer menus are of no use to anyone; the window shows all. */
const MOST = 10

/** The apps that are shown outside, each with its address and the entry that ends it: the window may be closed. */
export function shareEntries(shares: readonly SharedFact[]): MenuEntry[] {
  const rest: MenuEntry[] =
    shares.length > MOST ? [{ label: `${shares.length - MOST} more are shared`, action: { do: 'open-window' } }] : []
  return [...shares.slice(0, MOST).map(shareEntry), ...rest]
}

/** The relays whose users reach services of this machine, each with the entry that ends it. */
export function tunnelEntries(tunnels: readonly TunnelFact[]): MenuEntry[] {
  return tunnels.map(({ relay, state }) => {
    const host = URL.parse(relay)?.host ?? relay
    const label = state === 'connected' ? `➜ Services for ${host}` : `◐ Services for ${host} (${state})`
    return { label: cut(label), entries: [{ label: 'Disconnect', action: { do: 'close-tunnel', relay } }] }
  })
}

function shareEntry({ id, app, url, state }: SharedFact): MenuEntry {
  const open: MenuEntry[] =
    url === null
      ? []
      : [
          { label: 'Copy public URL', action: { do: 'copy', text: url } },
          { label: 'Open it', action: { do: 'open-url', url } },
        ]
  const label = state === 'open' ? `➜ ${app} is shared` : `◐ ${app} is shared (${state})`
  return { label: cut(label), entries: [...open, { label: 'Stop sharing', action: { do: 'stop-share', id } }] }
}
