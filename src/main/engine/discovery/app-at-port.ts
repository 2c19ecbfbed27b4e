import type { App } from '../../../shared/config.js'
import { isLoopbackHost } from '../../../shared/hostname.js'

/** The first app that leads to a port of this machine; null when none does. */
export function appAtPort(apps: readonly App[], port: number): string | null {
  return apps.find((app) => portsOf(app).includes(port))?.name ?? null
}

function portsOf({ port, process, routes }: App): number[] {
  const own = [port, process?.port].filter((one) => typeof one === 'number')
  const backends = (routes ?? []).flatMap((route) => route.upstream?.backends ?? [])
  return [...own, ...backends.flatMap(({ url }) => loopbackPort(url) ?? [])]
}

function loopbackPort(url: string): number | null {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (!isLoopbackHost(host) && host !== '0.0.0.0' && host !== '::') return null
  if (port !== '') return Number(port)
  return protocol === 'https:' ? 443 : 80
}
