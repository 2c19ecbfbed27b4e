import type { Exchange } from '../../exchange.js'
import { removeField } from '../../field-edits.js'
import { headerValue, type RawHeaders } from '../../headers.js'
import { addCacheStatus, type CacheStatus } from './cache-status.js'
import { type Directives, seconds } from './directives.js'
import type { CacheEntry } from './entry.js'
import { isForEverybody, requestDirectives } from './judge.js'
import { withoutQueryKeys } from './selecting.js'

/** A GET or HEAD as the cache sees it. */
export class CacheRequest {
  readonly url: string
  readonly served: string
  /** the fields by which answers are chosen: as the backend gets them, where policies changed them */
  readonly headers: RawHeaders
  readonly directives: Directives
  /** it says who asks, to a policy or by Authorization: the answer may be for nobody else (RFC 9111 section 3.5) */
  readonly authorized: boolean
  /** to a policy, by whatever means: nothing of it need be among the fields that the backend gets */
  readonly identified: boolean
  /** answers say what the cache did */
  readonly tells: boolean
  readonly #stickyCookie: string | null
  /** there was an answer to the URL, for other fields */
  varies = false

  constructor(exchange: Exchange, ignoredQuery: ReadonlySet<string>, tells: boolean) {
    const { target, app, pattern } = exchange.route as NonNullable<Exchange['route']>
    this.url = cacheUrl(exchange, withoutQueryKeys(exchange.sentTarget, ignoredQuery))
    this.served = JSON.stringify([app.name, pattern])
    this.headers = exchange.requestEdit === null ? exchange.headers : exchange.requestEdit([...exchange.headers])
    this.directives = requestDirectives(exchange.headers)
    this.identified = exchange.identified
    const isAuthorized = (all: RawHeaders) => headerValue(all, 'authorization') !== undefined
    this.authorized = this.identified || isAuthorized(exchange.headers) || isAuthorized(this.headers)
    this.tells = tells
    this.#stickyCookie = target.kind === 'upstream' ? (target.sticky?.cookie ?? null) : null
  }

  /** It may have what another one asks for at the same time. */
  get shares(): boolean {
    const { directives } = this
    return !this.authorized && !directives.has('no-cache') && seconds(directives, 'max-age') !== 0
  }

  /** A stored answer may be had by whoever asks. One for nobody in particular is not taken for one for somebody known. */
  mayHave({ freshness }: CacheEntry): boolean {
    return !this.identified || isForEverybody(freshness.directives)
  }

  /** Why it goes to the backend. @param entry the stored answer, if any */
  fwd(entry: CacheEntry | null): NonNullable<CacheStatus['fwd']> {
    if (entry === null) return this.varies ? 'vary-miss' : 'uri-miss'
    return this.directives.has('no-cache') || seconds(this.directives, 'max-age') === 0 ? 'request' : 'stale'
  }

  /** A copy of an answer's fields; the cookie that keeps this client with its backend is no part of the answer. */
  withoutOwnCookie(headers: RawHeaders): RawHeaders {
    const kept: RawHeaders = []
    const own = `${this.#stickyCookie}=`
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i] as string, headers[i + 1] as string]
      const isOwn = this.#stickyCookie !== null && name.toLowerCase() === 'set-cookie' && value.startsWith(own)
      if (!isOwn) kept.push(name, value)
    }
    return kept
  }
}

/** Scheme, host, port and target: what tells answers apart (RFC 9111 section 2). */
export function cacheUrl({ publicOrigin, host, clientAuthority }: Exchange, target: string): string {
  const scheme = publicOrigin.slice(0, publicOrigin.indexOf(':'))
  const port = /:(\d+)$/.exec(clientAuthority)?.[1] ?? (scheme === 'https' ? '443' : '80')
  return `${scheme}://${host}:${port}${target}`
}

export function withStatus(request: CacheRequest, headers: RawHeaders, status: CacheStatus, lowerCase: boolean): void {
  if (request.tells) addCacheStatus(headers, status, lowerCase)
}

/** The fields of a request of the gateway's own: the client's conditions and wishes are not its own. */
export function ownFields(headers: RawHeaders): RawHeaders {
  for (const name of ['if-none-match', 'if-modified-since', 'cache-control', 'pragma']) removeField(headers, name)
  return headers
}
