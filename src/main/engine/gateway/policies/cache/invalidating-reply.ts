import type { Exchange } from '../../exchange.js'
import { headerValue, type RawHeaders } from '../../headers.js'
import type { Reply } from '../../reply.js'
import { EditedReply } from '../edited-reply.js'
import { cacheUrl } from './cache-request.js'

/**
 * The way back of a request that may change something: when it did, what is stored of its URL, and of those that the
 * answer names on the same host, holds no more (RFC 9111 section 4.4).
 */
export class InvalidatingReply extends EditedReply {
  constructor(next: Reply, exchange: Exchange, target: string, invalidate: (url: string) => void) {
    super(next, (headers, status) => {
      if (status < 200 || status >= 400) return
      invalidate(cacheUrl(exchange, target))
      for (const other of namedTargets(headers, exchange.publicOrigin + target)) invalidate(cacheUrl(exchange, other))
    })
  }
}

/** Path and query of Location and Content-Location, where they are on the host of `base`. */
export function namedTargets(headers: RawHeaders, base: string): string[] {
  const own = URL.parse(base)
  return ['location', 'content-location'].flatMap((name) => {
    const value = headerValue(headers, name)
    const url = value === undefined || own === null ? null : URL.parse(value, base)
    return url !== null && url.host === own?.host ? [url.pathname + url.search] : []
  })
}
