import { createHash, timingSafeEqual } from 'node:crypto'
import { isIpLiteral, parseAuthority } from '../../../../shared/hostname.js'

export const METRICS_PATH = '/metrics'

/** What somebody asks of the port for metrics. */
export interface ScrapeRequest {
  method: string
  /** as received, with its query */
  target: string
  host: string | undefined
  authorization: string | undefined
}

export interface ScrapeRefusal {
  status: 400 | 401 | 403 | 404 | 405
  message: string
  fields: Record<string, string>
}

/**
 * Why a request gets no metrics; null when it does. A page in a browser reaches loopback by a name of its own (DNS
 * rebinding), so names other than `localhost` are refused; an address cannot be made to lead elsewhere.
 *
 * @param token that has to be shown; null where none is asked for
 */
export function judgeScrape(
  { method, target, host, authorization }: ScrapeRequest,
  token: string | null,
): ScrapeRefusal | null {
  const name = host === undefined ? null : parseAuthority(host)?.host
  if (name === null || name === undefined) return refusal(400, 'The request names no host.')
  if (name !== 'localhost' && !isIpLiteral(name)) return refusal(403, 'This is not the name of this port.')
  if (token !== null && !carriesToken(authorization, token))
    return refusal(401, 'The metrics are behind a token.', { 'WWW-Authenticate': 'Bearer realm="metrics"' })
  if (target.split('?', 1)[0] !== METRICS_PATH) return refusal(404, `There is only ${METRICS_PATH} here.`)
  return method === 'GET' ? null : refusal(405, `${method} is not allowed here.`, { Allow: 'GET' })
}

/** Whether an Authorization field shows the token, in a time that does not tell how much of it is right. */
export function carriesToken(authorization: string | undefined, token: string): boolean {
  const shown = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function refusal(status: ScrapeRefusal['status'], message: string, fields: Record<string, string> = {}): ScrapeRefusal {
  return { status, message, fields }
}
