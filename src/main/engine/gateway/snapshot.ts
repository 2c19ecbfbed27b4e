import { type Config, type Limits, panelHost } from '../../../shared/config.js'
import { rangeTest } from './connection.js'
import type { PolicySource } from './policies/policy-pool.js'
import { RouteTable } from './route-table.js'

/** Everything of the config that an exchange may need, compiled once per config and never changed afterwards. */
export interface Snapshot {
  readonly table: RouteTable
  readonly limits: Limits
  /** whether a peer's X-Forwarded-* are believed */
  readonly trusts: (address: string) => boolean
  /** the host kept for the panel, and whether others than this machine may use it; null when the panel is off */
  readonly panel: { host: string; lan: boolean } | null
}

/**
 * @param config its paths already absolute
 * @param policies makes those of each route
 */
export function compileSnapshot(config: Config, policies?: PolicySource): Snapshot {
  const host = panelHost(config.panel)
  return {
    table: new RouteTable(config, policies),
    limits: config.limits,
    trusts: rangeTest(config.trustedProxies),
    panel: host === null ? null : { host, lan: config.panel.lan },
  }
}
