import { appHosts, type Config, panelHost } from './config.js'
import { hostMatches } from './hostname.js'

/**
 * The further host that LAN mode gives each app, `<name>.local`, by the name of the app. One that an app has already,
 * itself or by a wildcard, or that is the panel's, is given to nobody.
 */
export function lanHosts(config: Pick<Config, 'apps' | 'panel' | 'lan'>): ReadonlyMap<string, string> {
  if (!config.lan.enabled) return new Map()
  const exact = new Set(config.apps.flatMap(appHosts))
  const wildcards = [...exact].filter((host) => host.startsWith('*.'))
  const panel = panelHost(config.panel)
  const isTaken = (host: string) =>
    host === panel || exact.has(host) || wildcards.some((pattern) => hostMatches(pattern, host))
  return new Map(
    config.apps.map(({ name }): [string, string] => [name, `${name}.local`]).filter(([, host]) => !isTaken(host)),
  )
}
