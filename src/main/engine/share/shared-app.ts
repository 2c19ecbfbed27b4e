import type { AppStatus, Listener } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { formatAuthority, isIpLiteral } from '../../../shared/hostname.js'
import { httpsPortOf } from '../../../shared/https-port.js'

/** What has to be known of an app to find it. */
export type NamedApp = Pick<AppStatus, 'name' | 'enabled'> & { hosts: readonly string[] }

/** Where the local gateway has an app. */
export interface SharedApp {
  /** to connect to */
  address: string
  port: number
  /** to ask for in the handshake; null when the app's host is an address */
  serverName: string | null
  /** the app's own Host, as a browser of this machine would send it */
  authority: string
}

/**
 * How to reach an app through the gateway that runs on this machine, under a name that the app knows.
 *
 * @throws Fault `not-found`, `app-disabled`, or `not-running` while the gateway listens nowhere
 */
export function sharedApp(name: string, apps: readonly NamedApp[], listeners: readonly Listener[]): SharedApp {
  const app = apps.find((one) => one.name === name)
  if (app === undefined) {
    throw new Fault('not-found', `There is no app "${name}".`, 'See which there are: portico app list')
  }
  if (!app.enabled) {
    throw new Fault('app-disabled', `The app "${name}" is disabled.`, `Serve it again: portico app enable ${name}`)
  }
  const listener = nearest(listeners)
  if (listener === null) {
    throw new Fault('not-running', 'The gateway is off: it listens nowhere.', 'Turn it on again with: portico resume')
  }
  const host = hostOf(app)
  const port = httpsPortOf([listener])
  return {
    address: reachable(listener.address),
    port: listener.port,
    serverName: isIpLiteral(host) ? null : host,
    authority: formatAuthority(host, port === 443 ? null : port),
  }
}

/** A name of its own rather than a wildcard, of which any name below will do. */
function hostOf({ name, hosts }: NamedApp): string {
  const plain = hosts.find((host) => !host.startsWith('*.'))
  return plain ?? (hosts[0] ?? `*.${name}.localhost`).replace('*', 'share')
}

function nearest(listeners: readonly Listener[]): Listener | null {
  const https = listeners.filter(({ protocol }) => protocol === 'https')
  return https.find(({ address }) => reachable(address) === '127.0.0.1') ?? https[0] ?? null
}

function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1'
  return address === '::' ? '::1' : address
}
