import type { BackendStatus, CertificateStatus, ProcessStatus } from '../../../../shared/window-schemas.js'

/** What the metrics tell beyond the exchanges; asked for when somebody wants them. */
export interface MetricFacts {
  readonly version: string
  inFlight(): ReadonlyMap<string, number>
  backends(): readonly BackendStatus[]
  processes(): Promise<readonly ProcessStatus[]>
  certificates(): Promise<readonly CertificateStatus[]>
  /** whether the config file as it is now is the one in use */
  configIsServed(): boolean
  /** apps that are shown outside, each by each of its ways once */
  shares(): readonly SharedFigures[]
  /** relays whose users reach services, each once */
  tunnels(): readonly TunnelledFigures[]
}

export interface SharedFigures {
  app: string
  /** by which relay or tool */
  via: string
  /** visitors reach it */
  up: boolean
  /** their connections now, and since the start */
  open: number
  total: number
  requests: number
  /** that could not be passed on */
  failed: number
  /** from visitors, and to them */
  bytesIn: number
  bytesOut: number
  /** how often the connection to the outside was lost */
  lost: number
  /** round trip; null when it is not known */
  latencyMs: number | null
}

export interface TunnelledFigures {
  /** its address */
  relay: string
  /** its users reach what they may */
  up: boolean
  /** their connections now, and since the start */
  open: number
  total: number
  /** that were not made */
  failed: number
  /** from users, and to them */
  bytesIn: number
  bytesOut: number
  /** round trip; null when it is not known */
  latencyMs: number | null
}

/** A metric with all its values. */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: Sample[]
}

export interface Sample {
  /** where it is not that of the family, as `x_bucket` */
  metricName?: string
  labels: Record<string, string | number>
  value: number
}
