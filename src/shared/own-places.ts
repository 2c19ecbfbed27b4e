import type { App } from './config.js'
import type { AppStatus, Listener } from './contract.js'
import { isLoopbackHost } from './hostname.js'

/** Ports of this machine, as an agent of a relay judges them. */
export interface OwnPlaces {
  /** on which the user's apps listen */
  ownPorts: readonly number[]
  /** on which Portico itself does */
  reservedPorts: readonly number[]
}

/** What the running gateway tells of its apps and of itself. @param processes of the apps, with their ports */
export function ownPlaces(
  apps: readonly Pick<AppStatus, 'name' | 'enabled' | 'app'>[],
  processes: readonly { app: string; port: number | null }[],
  listeners: readonly Listener[],
): OwnPlaces {
  const enabled = apps.filter((app) => app.enabled)
  const names = new Set(enabled.map(({ name }) => name))
  const running = processes.filter(({ app }) => names.has(app)).flatMap(({ port }) => (port === null ? [] : [port]))
  return {
    ownPorts: [...new Set([...enabled.flatMap(({ app }) => portsOf(app)), ...running])],
    reservedPorts: [
      ...new Set(
        listeners.flatMap(({ port, publicPort }) => [port, ...(publicPort === undefined ? [] : [publicPort])]),
      ),
    ],
  }
}

/** Those of this machine's loopback; what an app has elsewhere is not the user's own. */
function portsOf(app: App): number[] {
  const urls = (app.routes ?? []).flatMap(({ upstream }) => upstream?.backends.map(({ url }) => new URL(url)) ?? [])
  const local = urls.filter(({ hostname }) => isLoopbackHost(hostname.replace(/^\[|\]$/g, '')))
  const ports = local.map(({ port, protocol }) => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)))
  return app.port === undefined ? ports : [app.port, ...ports]
}
