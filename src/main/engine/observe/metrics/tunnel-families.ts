import type { Family, Sample, TunnelledFigures } from './facts.js'
import { gauge } from './state-families.js'

/** How relays are whose users reach services of this machine. */
export function tunnelFamilies(tunnels: readonly TunnelledFigures[]): Family[] {
  const each = (value: (one: TunnelledFigures) => number | null, more: Record<string, string> = {}): Sample[] =>
    tunnels.flatMap((one) => {
      const found = value(one)
      return found === null ? [] : [{ labels: { relay: one.relay, ...more }, value: found }]
    })
  const count = (name: string, help: string, samples: Sample[]): Family => ({ name, help, type: 'counter', samples })
  return [
    gauge(
      'portico_tunnel_up',
      '1 while users of a relay reach services.',
      each(({ up }) => Number(up)),
    ),
    gauge(
      'portico_tunnel_connections_open',
      'Connections of users of a relay to services.',
      each(({ open }) => open),
    ),
    count(
      'portico_tunnel_connections_total',
      'Connections of users of a relay so far.',
      each(({ total }) => total),
    ),
    count(
      'portico_tunnel_failures_total',
      'Connections of users of a relay that were not made.',
      each(({ failed }) => failed),
    ),
    count('portico_tunnel_bytes_total', 'Bytes from users of a relay (in) and to them (out).', [
      ...each(({ bytesIn }) => bytesIn, { direction: 'in' }),
      ...each(({ bytesOut }) => bytesOut, { direction: 'out' }),
    ]),
    gauge(
      'portico_tunnel_latency_seconds',
      'Round trip to the relay of a tunnel.',
      each(({ latencyMs }) => (latencyMs === null ? null : latencyMs / 1000)),
    ),
  ]
}
