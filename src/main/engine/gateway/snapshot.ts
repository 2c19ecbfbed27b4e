import type { Config, Limits } from '../../../shared/config.js'
import { trustTest } from './connection.js'
import { RouteTable } from './route-table.js'

/** Everything of the config that an exchange may need, compiled once per config and never changed afterwards. */
export interface Snapshot {
  readonly table: RouteTable
  readonly limits: Limits
  /** whether a peer's X-Forwarded-* are believed */
  readonly trusts: (address: string) => boolean
}

/** @param config its paths already absolute */
export function compileSnapshot(config: Config): Snapshot {
  return { table: new RouteTable(config), limits: config.limits, trusts: trustTest(config.trustedProxies) }
}
