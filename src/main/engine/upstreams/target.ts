/** What the backends of a route are told to do: the part of a compiled upstream that is carried out here. */
export interface Target {
  backends: BackendSpec[]
  balance: string
  preserveHost: boolean | null
  sticky: object | null
  connections: ConnectionLimits
  health: HealthCheck | null
  passive: PassiveSettings
  breaker: BreakerSettings | null
  retry: { budget: number }
}

/** How one backend is reached. */
export interface BackendSpec {
  /** origin: scheme, host and port */
  url: string
  weight: number
  caFile: string | null
  serverName: string | null
  insecure: boolean
}

export interface ConnectionLimits {
  /** most connections to one backend; further requests wait in its queue */
  max: number
  /** milliseconds after which an unused connection is closed */
  idleMs: number
}

export interface HealthCheck {
  /** what is asked for; null: connecting is enough */
  path: string | null
  /** statuses that are a good answer, as ranges, both ends included */
  expect: (readonly [number, number])[]
  intervalMs: number
  timeoutMs: number
  unhealthyAfter: number
  healthyAfter: number
}

export interface PassiveSettings {
  /** failures to connect in a row */
  failures: number
  /** share of answers; above 1: never */
  errorRate: number
  windowMs: number
  cooldownMs: number
}

export interface BreakerSettings {
  failures: number
  cooldownMs: number
}

/** What a choice may depend on. */
export interface PickFacts {
  /** the client's address, without port */
  readonly client: string
  /** value of the target's sticky cookie; null without */
  readonly sticky: string | null
}

export interface Refusal {
  url: string
  /** one sentence */
  reason: string
  /** milliseconds until it is tried again; null when nobody knows */
  retryInMs: number | null
}
