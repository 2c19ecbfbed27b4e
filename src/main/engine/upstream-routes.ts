import type { Snapshot } from './gateway/snapshot.js'
import type { UpstreamRoute } from './upstreams/places.js'

/** Every route of a snapshot that leads to backends or a process, app by app, in the order they are matched. */
export function* upstreamRoutesOf({ table }: Snapshot): Generator<UpstreamRoute> {
  for (const { name, enabled, hosts, routes } of table.apps) {
    const host = hosts.find((one) => !one.startsWith('*.')) ?? null
    for (const { pattern, target, timeouts } of routes) {
      if (target.kind !== 'upstream' && target.kind !== 'process') continue
      yield {
        ...{ app: name, enabled, host, route: pattern, connectTimeoutMs: timeouts.connect },
        target: target.kind === 'upstream' ? target : null,
      }
    }
  }
}
