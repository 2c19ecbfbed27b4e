import { type App, appHosts } from '../../shared/config.js'
import type { AppStatus } from '../../shared/contract.js'
import { formatAuthority } from '../../shared/hostname.js'

/**
 * What a person wants to know of an app.
 *
 * @param httpsPort port of the HTTPS listener; null while there is none
 * @param whilePid the process that the app is there for; null for one that is there for good
 * @param lan its further host in LAN mode, and the port at which the network reaches it
 */
export function appStatus(
  app: App,
  httpsPort: number | null,
  whilePid: number | null = null,
  lan: { host: string; port: number | null } | null = null,
): AppStatus {
  const hosts = appHosts(app)
  return {
    name: app.name,
    enabled: app.enabled ?? true,
    hosts: [...hosts, ...(lan === null ? [] : [lan.host])],
    urls: [
      ...hosts.filter((host) => !host.startsWith('*.')).map((host) => urlOf(host, httpsPort)),
      ...(lan === null ? [] : [urlOf(lan.host, lan.port)]),
    ],
    target: targetOf(app),
    app,
    ...(whilePid === null ? {} : { whilePid }),
  }
}

function urlOf(host: string, port: number | null): string {
  return `https://${formatAuthority(host, port === 443 ? null : port)}`
}

function targetOf(app: App): string {
  if (app.port !== undefined) return `port ${app.port}`
  if (app.static !== undefined) return `directory ${app.static.dir}`
  if (app.demo === true) return 'the demo app'
  const targets = (app.routes ?? []).map((route) => {
    if (route.upstream !== undefined) return route.upstream.backends.map((backend) => backend.url).join(', ')
    if (route.static !== undefined) return `directory ${route.static.dir}`
    if (route.redirect !== undefined) return `redirect to ${route.redirect.to}`
    return 'its process'
  })
  return targets.length === 0 ? 'its process' : targets.join(' · ')
}
