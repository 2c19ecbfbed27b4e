import type { Family, Sample, SharedFigures } from './facts.js'
import { gauge } from './state-families.js'

/** How apps that are shown outside are. */
export function shareFamilies(shares: readonly SharedFigures[]): Family[] {
  const each = (value: (share: SharedFigures) => number | null, more: Record<string, string> = {}): Sample[] =>
    shares.flatMap((one) => {
      const found = value(one)
      return found === null ? [] : [{ labels: { app: one.app, via: one.via, ...more }, value: found }]
    })
  const count = (name: string, help: string, samples: Sample[]): Family => ({ name, help, type: 'counter', samples })
  return [
    gauge(
      'portico_share_up',
      '1 while visitors reach a shared app.',
      each(({ up }) => Number(up)),
    ),
    gauge(
      'portico_share_connections_open',
      'Connections of visitors, as they arrive here.',
      each(({ open }) => open),
    ),
    count(
      'portico_share_connections_total',
      'Connections of visitors so far.',
      each(({ total }) => total),
    ),
    count(
      'portico_share_requests_total',
      'Requests of visitors.',
      each(({ requests }) => requests),
    ),
    count(
      'portico_share_failures_total',
      'Requests of visitors that could not be passed on.',
      each(({ failed }) => failed),
    ),
    count('portico_share_bytes_total', 'Bytes from visitors (in) and to them (out).', [
      ...each(({ bytesIn }) => bytesIn, { direction: 'in' }),
      ...each(({ bytesOut }) => bytesOut, { direction: 'out' }),
    ]),
    count(
      'portico_share_interruptions_total',
      'How often the connection to the outside was lost.',
      each(({ lost }) => lost),
    ),
    gauge(
      'portico_share_latency_seconds',
      'Round trip to the relay.',
      each(({ latencyMs }) => (latencyMs === null ? null : latencyMs / 1000)),
    ),
  ]
}
