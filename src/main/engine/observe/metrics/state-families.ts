import {
  type BackendStatus,
  type CertificateStatus,
  type ProcessStatus,
  processStateSchema,
} from '../../../../shared/window-schemas.js'
import type { Family, Sample } from './facts.js'

/** How backends are. The same address on two routes of an app is two backends. */
export function backendFamilies(backends: readonly BackendStatus[]): Family[] {
  const each = (value: (backend: BackendStatus) => number) =>
    distinct(
      backends.map((one) => ({ labels: { app: one.app, route: one.route, backend: one.url }, value: value(one) })),
    )
  return [
    gauge(
      'portico_backend_up',
      '0 for a backend that is known to be unhealthy.',
      each((one) => up(one)),
    ),
    gauge(
      'portico_backend_in_flight',
      'Requests and tunnels under way at a backend.',
      each((one) => one.inFlight),
    ),
    gauge(
      'portico_backend_draining',
      '1 for a backend that gets no new requests by wish.',
      each((one) => Number(one.draining)),
    ),
    gauge(
      'portico_backend_breaker_state',
      '0 closed, 1 half-open, 2 open.',
      each((one) => BREAKER[one.breaker]),
    ),
  ]
}

/** When certificates end. */
export function certificateFamilies(certificates: readonly CertificateStatus[]): Family[] {
  const samples = certificates.flatMap(({ name, source, notAfter }) =>
    notAfter === null ? [] : [{ labels: { name, source }, value: Date.parse(notAfter) / 1000 }],
  )
  return [
    gauge('portico_certificate_expiry_timestamp_seconds', 'When a certificate ends, in Unix time.', distinct(samples)),
  ]
}

/** How the processes of the apps are. */
export function processFamilies(processes: readonly ProcessStatus[]): Family[] {
  const known = (value: (one: ProcessStatus) => number | null): Sample[] =>
    processes.flatMap((one) => {
      const found = value(one)
      return found === null ? [] : [{ labels: { app: one.app }, value: found }]
    })
  const states = processes.flatMap(({ app, state }) =>
    processStateSchema.options.map((one) => ({ labels: { app, state: one }, value: Number(one === state) })),
  )
  return [
    gauge('portico_process_state', '1 for the state that the process of an app is in.', states),
    {
      ...gauge(
        'portico_process_restarts_total',
        'Starts after a crash since it was last started by hand.',
        known((one) => one.restarts),
      ),
      type: 'counter',
    },
    gauge(
      'portico_process_cpu_ratio',
      'Use of one core by the process group of an app.',
      known(({ cpu }) => (cpu === null ? null : cpu / 100)),
    ),
    gauge(
      'portico_process_resident_memory_bytes',
      'Memory of the process group of an app.',
      known((one) => one.memory),
    ),
  ]
}

export function gauge(name: string, help: string, samples: Sample[]): Family {
  return { name, help, type: 'gauge', samples }
}

const BREAKER = { closed: 0, 'half-open': 1, open: 2 } as const

function up({ health }: BackendStatus): number {
  return health === 'unhealthy' ? 0 : 1
}

/** A series may be told once only. */
function distinct(samples: Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [JSON.stringify(sample.labels), sample])).values()]
}
