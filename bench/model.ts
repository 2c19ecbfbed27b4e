import type { CaseId } from './cases.ts'
import type { Machine } from './machine.ts'

/** What one measurement, or the median of several, found. Which metrics are there depends on the case. */
export type Metrics = Readonly<Partial<Record<MetricName, number>>>

export type MetricName =
  | 'requestsPerSecond'
  | 'bytesPerSecond'
  | 'p50Ms'
  | 'p95Ms'
  | 'p99Ms'
  | 'addedP95Ms'
  | 'cpuMicrosPerRequest'
  | 'startMs'
  | 'idleBytes'
  | 'loadedBytes'
  | 'oneBytesPerSecond'
  | 'tenBytesPerSecond'
  | 'spread'
  | 'idleP50Ms'
  | 'idleP99Ms'
  | 'besideP50Ms'
  | 'besideP99Ms'
  | 'cpuMillisPerGigabyte'
  | 'nearBytes'
  | 'farBytes'

export type Row =
  | {
      readonly contestant: string
      readonly state: 'measured'
      readonly median: Metrics
      readonly rounds: readonly Metrics[]
    }
  | { readonly contestant: string; readonly state: 'invalid' | 'skipped'; readonly reason: string }

export interface CaseResult {
  readonly id: CaseId
  readonly title: string
  readonly columns: readonly MetricName[]
  /** what Portico's ratios to its peers are taken of; null where a ratio says nothing */
  readonly compareBy: MetricName | null
  readonly rows: readonly Row[]
}

export interface Target {
  readonly text: string
  readonly verdict: 'HOLDS' | 'MISSES' | 'NOT MEASURED'
  /** what was found, in the target's own unit */
  readonly found: string
}

export interface Report {
  /** ISO 8601 */
  readonly date: string
  readonly machine: Machine
  readonly rounds: number
  readonly seconds: number
  readonly partial: boolean
  readonly contestants: readonly { readonly name: string; readonly version: string; readonly tls: readonly string[] }[]
  readonly cases: readonly CaseResult[]
  readonly targets: readonly Target[]
}

/** Names that cases and targets compare by. */
export const PORTICO = 'Portico'
export const CADDY = 'Caddy'
export const CADDY_LARGE_POOL = 'Caddy, pool 128'
export const HTTP_PROXY_3 = 'http-proxy-3'
export const DIRECT = 'backend direct'
export const ONE_APP = 'Portico, 1 app'
export const MANY = 'Portico, 5,000 apps'
export const NO_POLICIES = 'Portico, no policies'
export const POLICIES = 'Portico, four policies'
export const NO_TUNNEL = 'no tunnel'
export const SSH_TUNNEL = 'ssh -R'
export const PORTICO_TUNNEL = 'Portico, ws'
export const PORTICO_TLS_TUNNEL = 'Portico, wss'
