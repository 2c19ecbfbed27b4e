import type { ProxyStats, RelayStatus } from './relay-schemas.js'

/** Figures of a relay as Prometheus reads them. The library is loaded when somebody asks for the first time. */
export async function relayMetrics(status: RelayStatus, stats: readonly ProxyStats[]): Promise<string> {
  const { Counter, Gauge, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[]) => new Gauge({ name, help, labelNames, registers })
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers })
  const agents = gauge('portico_relay_agent_connections', 'Connections of agents.', ['agent'])
  const streams = gauge('portico_relay_streams', "Users' connections inside those of agents.", ['agent'])
  const ofProxy = ['proxy', 'agent', 'port']
  const open = gauge('portico_relay_proxy_connections', "Users' connections that are open.", ofProxy)
  const total = counter('portico_relay_proxy_connections_total', "Users' connections so far.", ofProxy)
  const refused = counter('portico_relay_proxy_refused_total', 'Users who got no connection.', ofProxy)
  const bytes = counter('portico_relay_proxy_bytes_total', 'Bytes from and to users.', [...ofProxy, 'direction'])
  const ofApp = ['name', 'agent']
  const requests = counter('portico_relay_app_requests_total', 'Requests for apps that are published.', ofApp)
  const appBytes = counter('portico_relay_app_bytes_total', 'Bytes from and to visitors.', [...ofApp, 'direction'])
  for (const { name, client_id: agent, ...traffic } of status.published) {
    requests.inc({ name, agent }, traffic.requests)
    appBytes.inc({ name, agent, direction: 'in' }, traffic.bytes_in)
    appBytes.inc({ name, agent, direction: 'out' }, traffic.bytes_out)
  }
  for (const { client_id: agent, streams: count } of status.agents) {
    agents.inc({ agent })
    streams.inc({ agent }, count)
  }
  for (const one of stats) {
    const labels = { proxy: one.id, agent: one.client_id, port: String(one.local_port) }
    open.set(labels, one.open)
    total.inc(labels, one.total)
    refused.inc(labels, one.refused)
    bytes.inc({ ...labels, direction: 'in' }, one.bytes_in)
    bytes.inc({ ...labels, direction: 'out' }, one.bytes_out)
  }
  return registry.metrics()
}
