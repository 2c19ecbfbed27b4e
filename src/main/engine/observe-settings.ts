import type { Config } from '../../shared/config.js'
import type { Snapshot } from './gateway/snapshot.js'
import type { ObserveSettings } from './observe/observe.js'

/**
 * What a config asks to be told of its traffic.
 *
 * @param config its paths already absolute
 * @param snapshot of the same config
 */
export function observeSettings({ logging, metrics, tracing, apps }: Config, { table }: Snapshot): ObserveSettings {
  const logs = new Map(apps.map(({ name, accessLog }) => [name, accessLog]))
  return {
    access: logging?.access ?? null,
    requestId: logging?.requestId ?? null,
    metrics: metrics ?? null,
    tracing: tracing ?? null,
    apps: table.apps.map(({ name, routes }) => ({
      name,
      accessLog: logs.get(name),
      routes: routes.map(({ pattern }) => pattern),
    })),
  }
}
