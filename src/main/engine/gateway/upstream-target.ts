import type { HealthConfig, Upstream } from '../../../shared/config.js'
import { optionalDurationMs } from '../../../shared/duration.js'

/** An upstream of the config, compiled: every default filled in, every duration in milliseconds. */
export interface UpstreamTarget {
  kind: 'upstream'
  backends: RouteBackend[]
  /** auto: gRPC over HTTP/2, all else over HTTP/1.1 */
  protocol: NonNullable<Upstream['protocol']>
  balance: NonNullable<Upstream['balance']>
  preserveHost: boolean | null
  /** null: clients are not kept with their backend */
  sticky: { cookie: string; maxAgeSeconds: number | null } | null
  connections: { max: number; idleMs: number }
  health: HealthCheck | null
  passive: PassiveHealth
  breaker: BreakerSettings | null
  retry: RetryPolicy
}

export interface RouteBackend {
  /** origin with scheme, host and port: `http://localhost:3000` */
  url: string
  weight: number
  caFile: string | null
  serverName: string | null
  insecure: boolean
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

/** What failed requests say of a backend. */
export interface PassiveHealth {
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

export interface RetryPolicy {
  /** the first included */
  attempts: number
  backoffMs: number
  /** retries at most, as a share of the requests */
  budget: number
  /** 502, 503 and 504 of a backend are retried too: only where the config names `retry` */
  statuses: boolean
}

const DEFAULT_CONNECTIONS = { max: 1024, idleMs: 4_000 }
const DEFAULT_PASSIVE: PassiveHealth = {
  failures: 3,
  errorRate: Number.POSITIVE_INFINITY,
  windowMs: 30_000,
  cooldownMs: 5_000,
}

/** Fills in what the config leaves out. */
export function compileUpstream(upstream: Upstream): UpstreamTarget {
  const { balance = 'round-robin', preserveHost = null, sticky, connections, health, passive, breaker } = upstream
  return {
    kind: 'upstream',
    protocol: upstream.protocol ?? 'auto',
    balance,
    preserveHost,
    sticky: compileSticky(sticky),
    connections: {
      max: connections?.max ?? DEFAULT_CONNECTIONS.max,
      idleMs: optionalDurationMs(connections?.idle) ?? DEFAULT_CONNECTIONS.idleMs,
    },
    health: health === undefined ? null : compileHealth(health),
    passive: {
      failures: passive?.failures ?? DEFAULT_PASSIVE.failures,
      errorRate: passive?.errorRate ?? DEFAULT_PASSIVE.errorRate,
      windowMs: optionalDurationMs(passive?.window) ?? DEFAULT_PASSIVE.windowMs,
      cooldownMs: optionalDurationMs(passive?.cooldown) ?? DEFAULT_PASSIVE.cooldownMs,
    },
    breaker:
      breaker === undefined
        ? null
        : { failures: breaker.failures ?? 5, cooldownMs: optionalDurationMs(breaker.cooldown) ?? 10_000 },
    retry: compileRetry(upstream),
    backends: upstream.backends.map((backend) => ({
      url: new URL(backend.url).origin,
      weight: backend.weight ?? 1,
      caFile: backend.caFile ?? null,
      serverName: backend.serverName ?? null,
      insecure: backend.insecure ?? false,
    })),
  }
}

/** A check of the config, or of an app's process. */
export function compileHealth(health: HealthConfig): HealthCheck {
  return {
    path: health.tcp === true ? null : (health.path ?? '/'),
    expect: (health.expect ?? ['200-399']).map(statusRange),
    intervalMs: optionalDurationMs(health.interval) ?? 10_000,
    timeoutMs: optionalDurationMs(health.timeout) ?? 5_000,
    unhealthyAfter: health.unhealthyAfter ?? 3,
    healthyAfter: health.healthyAfter ?? 2,
  }
}

function compileSticky(sticky: Upstream['sticky']): UpstreamTarget['sticky'] {
  if (sticky === undefined || sticky === false) return null
  const { cookie = 'portico-backend', maxAge } = sticky === true ? {} : sticky
  const ms = optionalDurationMs(maxAge)
  return { cookie, maxAgeSeconds: ms === null ? null : Math.max(1, Math.round(ms / 1_000)) }
}

/** Without `retry` another backend is tried where there is one, and an answer of a backend is never second-guessed. */
function compileRetry({ retry, backends }: Upstream): RetryPolicy {
  const standard = Math.min(3, backends.length)
  return {
    attempts: retry?.attempts ?? (retry === undefined ? standard : Math.max(2, standard)),
    backoffMs: optionalDurationMs(retry?.backoff) ?? 50,
    budget: retry?.budget ?? 0.2,
    statuses: retry !== undefined,
  }
}

/** 204 is 204 to 204, "2xx" is 200 to 299, "200-399" is what it says. */
function statusRange(status: number | string): readonly [number, number] {
  if (typeof status === 'number') return [status, status]
  if (status.endsWith('xx')) return [Number(status[0]) * 100, Number(status[0]) * 100 + 99]
  const [from, to] = status.split('-')
  return [Number(from), Number(to)]
}
