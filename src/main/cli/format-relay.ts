import { formatAuthority } from '../../shared/hostname.js'
import type { ProxyStats, ProxyView, RelayStatus, TokenView } from '../engine/tunnel/relay/relay-schemas.js'
import { plain } from './escape.js'
import { formatUptime } from './format-status.js'
import { styled } from './output.js'
import { formatTable } from './table.js'

export function formatTokens(tokens: readonly TokenView[]): string[] {
  if (tokens.length === 0) return ['No tokens. Make one with: portico relay token create --agent ID']
  const rows = tokens.map(({ id, client_id, admin, ports, expires_at, expired, ...limits }) => [
    id,
    `${client_id ?? ''}${admin ? ' (admin)' : ''}`.trim(),
    ports === null ? 'any' : `${ports.from}-${ports.to}`,
    expired ? styled('red', 'expired') : (expires_at ?? 'when revoked'),
    String(limits.max_connections),
    String(limits.max_proxies),
    limits.max_bandwidth === null ? '' : `${limits.max_bandwidth} B/s`,
  ])
  return formatTable(['TOKEN', 'AGENT', 'PORTS', 'EXPIRES', 'CONNECTIONS', 'PROXIES', 'BANDWIDTH'], rows)
}

export function formatProxies(proxies: readonly ProxyView[]): string[] {
  if (proxies.length === 0) return ['No proxies. Make one with: portico relay proxy add']
  const rows = proxies.map((proxy) => [
    proxy.id,
    formatAuthority(proxy.local_address, proxy.local_port),
    proxy.client_id,
    plain(formatAuthority(proxy.remote_host, proxy.remote_port)),
    stateOf(proxy),
  ])
  return formatTable(['PROXY', 'LISTENS ON', 'AGENT', 'LEADS TO', 'STATE'], rows)
}

export function formatRelayStatus(status: RelayStatus, stats: readonly ProxyStats[]): string[] {
  const up = formatUptime(Date.now() - Date.parse(status.started_at))
  return [
    `The relay is ${styled('bold', 'running')} (process ${status.pid}, up ${up})`,
    `Agents connect to ${plain(status.url)}`,
    ...status.troubles.map((trouble) => styled('yellow', plain(trouble))),
    '',
    ...formatAgents(status),
    ...(status.published.length === 0 ? [] : ['', ...formatPublished(status)]),
    ...(stats.length === 0 ? [] : ['', ...formatStats(stats)]),
  ]
}

function formatAgents({ agents }: RelayStatus): string[] {
  if (agents.length === 0) return ['No agent is connected.']
  const rows = agents.map(({ client_id, address, streams, latency_ms, connected_at }) => [
    client_id,
    plain(address),
    formatUptime(Date.now() - Date.parse(connected_at)),
    String(streams),
    milliseconds(latency_ms),
  ])
  return formatTable(['AGENT', 'FROM', 'CONNECTED', 'STREAMS', 'ROUND TRIP'], rows)
}

function formatPublished({ published }: RelayStatus): string[] {
  const rows = published.map(({ url, client_id, expires_at, requests, bytes_in, bytes_out }) => [
    ...[plain(url), client_id, expires_at ?? ''],
    ...[requests, bytes_in, bytes_out].map(String),
  ])
  return formatTable(['PUBLISHED', 'AGENT', 'UNTIL', 'REQUESTS', 'BYTES IN', 'BYTES OUT'], rows)
}

function formatStats(stats: readonly ProxyStats[]): string[] {
  const rows = stats.map((one) => [
    one.id,
    one.client_id,
    String(one.local_port),
    String(one.open),
    String(one.total),
    String(one.refused),
    String(one.bytes_in),
    String(one.bytes_out),
    milliseconds(one.connect_ms),
  ])
  const traffic = ['OPEN', 'TOTAL', 'REFUSED', 'BYTES IN', 'BYTES OUT', 'TO CONNECT']
  return formatTable(['PROXY', 'AGENT', 'PORT', ...traffic], rows)
}

function stateOf({ state, error, agents }: ProxyView): string {
  if (state === 'relay-not-running') return styled('dim', 'the relay is not running')
  if (state === 'failed') return styled('red', plain(`failed: ${error ?? ''}`))
  return agents === 0 ? styled('yellow', 'the agent is away') : styled('green', 'works')
}

function milliseconds(value: number | null): string {
  return value === null ? '' : `${value.toFixed(1)} ms`
}
