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
