import type { EventEmitter } from 'node:events'
import type { ConfigStore } from './config/config-store.js'
import { PortDiscovery } from './discovery/port-discovery.js'
import { PortWatch } from './discovery/port-watch.js'
import type { EngineOptions } from './engine-options.js'
import type { Gateway } from './gateway/gateway.js'

/** What listens on this machine and could be an app: asked for once, or watched. */
export function openDiscovery(
  { host, log }: EngineOptions,
  { store, listeners, events }: { store: ConfigStore; listeners: Gateway['listeners']; events: EventEmitter },
): { discovery: PortDiscovery; portWatch: PortWatch } {
  const discovery = new PortDiscovery({
    scanner: host?.portScanner ?? null,
    config: () => store.current,
    own: () => ({ pid: process.pid, ports: listeners.open.map(({ port }) => port) }),
  })
  const portWatch = new PortWatch({
    list: () => discovery.list(),
    onChange: (ports) => events.emit('ports', ports),
    log,
  })
  return { discovery, portWatch }
}
