/** What is measured. The order is that of the run and of the report. */

export type Protocol = 'h1' | 'h2'

/** Full-speed load; `metric` is what contestants are compared by: large bodies by bytes, since few complete. */
export interface ThroughputCase {
  readonly kind: 'throughput'
  readonly title: string
  readonly protocol: Protocol
  readonly path: string
  readonly connections: number
  /** concurrent requests on one connection */
  readonly streams: number
  readonly metric: 'requestsPerSecond' | 'bytesPerSecond'
}

/** A fixed arrival rate, spread over connections that start one millisecond apart so that requests do not come in bursts. */
export interface LatencyCase {
  readonly kind: 'latency'
  readonly title: string
  readonly protocol: Protocol
  readonly path: string
  readonly connections: number
  /** requests per second over all connections */
  readonly rate: number
}

export interface SpecialCase {
  readonly kind: 'memory' | 'start' | 'apps' | 'policies' | 'tunnel'
  readonly title: string
}

export const IDLE_SECONDS = 3
export const MANY_APPS = 5000

export const CASES = {
  memory: { kind: 'memory', title: `Resident memory, ${IDLE_SECONDS} s idle after start and after the whole load` },
  start: { kind: 'start', title: 'Time from spawn to the first answered request' },
  'h1-1k': throughput('h1', '1 KiB', '/1k', 32, 1, 'requestsPerSecond'),
  'h1-100k': throughput('h1', '100 KiB', '/100k', 32, 1, 'requestsPerSecond'),
  'h1-10m': throughput('h1', '10 MiB', '/10m', 8, 1, 'bytesPerSecond'),
  'h2-1k': throughput('h2', '1 KiB', '/1k', 8, 16, 'requestsPerSecond'),
  'h2-100k': throughput('h2', '100 KiB', '/100k', 8, 16, 'requestsPerSecond'),
  'latency-h1': latency('h1', 'HTTP/1.1'),
  'latency-h2': latency('h2', 'HTTP/2'),
  apps: { kind: 'apps', title: `Portico with 1 app and with ${MANY_APPS.toLocaleString('en')} apps, HTTP/1.1, 1 KiB` },
  policies: {
    kind: 'policies',
    title: 'Portico without and with rate limit, CORS, security headers and a JSON access log, HTTP/1.1, 1 KiB',
  },
  tunnel: {
    kind: 'tunnel',
    title: 'TCP services behind a program that has dialled out, one and ten transfers, echoes',
  },
} as const satisfies Record<string, ThroughputCase | LatencyCase | SpecialCase>

export type CaseId = keyof typeof CASES

export const CASE_IDS = Object.keys(CASES) as readonly CaseId[]

export function isCaseId(text: string): text is CaseId {
  return Object.hasOwn(CASES, text)
}

function throughput(
  protocol: Protocol,
  size: string,
  path: string,
  connections: number,
  streams: number,
  metric: ThroughputCase['metric'],
): ThroughputCase {
  const title =
    protocol === 'h1'
      ? `HTTP/1.1, ${size}, ${connections} connections`
      : `HTTP/2, ${size}, ${connections} connections x ${streams} streams`
  return { kind: 'throughput', title, protocol, path, connections, streams, metric }
}

function latency(protocol: Protocol, name: string): LatencyCase {
  const title = `Latency at 10,000 requests/s in total, ${name}, 1 KiB, 100 connections`
  return { kind: 'latency', title, protocol, path: '/1k', connections: 100, rate: 10_000 }
}
