import { formatAuthority } from '../../../shared/hostname.js'
import type { Exchange } from './exchange.js'
import type { RouteTarget } from './route-table.js'

/**
 * Sends a plain-HTTP request to the same address over HTTPS, path and query kept. 308 keeps method and body
 * (RFC 9110 section 15.4.9).
 *
 * @param httpsPort port of the HTTPS listener; null when there is none, and the request cannot be served
 */
export function redirectToHttps(exchange: Exchange, httpsPort: number | null): void {
  const authority = formatAuthority(exchange.host, httpsPort === 443 ? null : httpsPort)
  redirect(exchange, 308, `https://${authority}${exchange.target}`)
}

/** Answers with the redirect that a route asks for; with `keepPath` the request's path and query are appended. */
export function redirectTo(exchange: Exchange, target: Extract<RouteTarget, { kind: 'redirect' }>): void {
  const base = target.keepPath ? target.to.replace(/\/$/, '') : target.to
  redirect(exchange, target.status, target.keepPath ? base + exchange.target : base)
}

function redirect(exchange: Exchange, status: number, location: string): void {
  exchange.respond(
    status,
    ['Location', location, 'Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'],
    `See ${location}\n`,
  )
}
