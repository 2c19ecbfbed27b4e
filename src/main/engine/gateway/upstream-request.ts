import { removeCookie } from './cookie.js'
import type { Exchange } from './exchange.js'
import { forwardedRequestHeaders, type Hop, headerValue, type RawHeaders, upstreamHost } from './headers.js'
import type { CompiledRoute } from './route-table.js'
import type { BackendHandle } from './upstream-ports.js'
import type { UpstreamTarget } from './upstream-target.js'

/** The request as one hop sees it; shared with the WebSocket forwarder. */
export function hopOf(exchange: Exchange, pseudonym: string): Hop {
  const { connection, protocol } = exchange
  return {
    client: connection.client,
    trusted: connection.trusted,
    scheme: connection.encrypted ? 'https' : 'http',
    authority: exchange.clientAuthority,
    port: connection.portFor(exchange.clientAuthority),
    version: protocol === 'http/1.0' ? '1.0' : protocol.startsWith('h2') ? '2' : '1.1',
    pseudonym,
  }
}

/** The request's fields for one backend, Host included; the gateway's own cookie is none of the app's business. */
export function upstreamHeaders(
  exchange: Exchange,
  route: CompiledRoute,
  backend: BackendHandle,
  { preserveHost, sticky }: UpstreamTarget,
  pseudonym: string,
): RawHeaders {
  const headers = forwardedRequestHeaders(exchange.headers, hopOf(exchange, pseudonym), route.requestHeaders)
  if (sticky !== null) removeCookie(headers, sticky.cookie)
  if (headerValue(headers, 'host') === undefined) {
    headers.push('Host', upstreamHost(preserveHost, backend.host, backend.authority, exchange.clientAuthority))
  }
  return exchange.requestEdit === null ? headers : exchange.requestEdit(headers)
}

type Prefixes = Pick<CompiledRoute, 'stripPrefix' | 'addPrefix'>

/** The request target for the backend, byte for byte but for the prefixes that the route takes off and puts on. */
export function upstreamTarget(target: string, { stripPrefix, addPrefix }: Prefixes): string {
  let out = target
  if (stripPrefix !== null && out.startsWith(stripPrefix)) {
    const rest = out.slice(stripPrefix.length)
    if (rest === '' || rest.startsWith('?')) out = `/${rest}`
    else if (rest.startsWith('/')) out = rest
  }
  return addPrefix === null ? out : addPrefix + out
}
