import type { CacheSettings } from '../../../../../shared/policies/content-schemas.js'
import type { Exchange } from '../../exchange.js'
import { ClientGone, GatewayFault } from '../../gateway-fault.js'
import { headerValue, type RawHeaders } from '../../headers.js'
import { ANSWERED, CONTINUE, type Decision, refuse } from '../decision.js'
import type { Policy, PolicyScope } from '../policy.js'
import { CacheKeeper } from './cache-keeper.js'
import { CacheRequest, ownFields, withStatus } from './cache-request.js'
import { defaultsOf, directoryOf, limitsOf } from './cache-settings.js'
import { addCacheStatus, type CacheStatus } from './cache-status.js'
import { CacheStore } from './cache-store.js'
import { askAgain, isConditional } from './conditions.js'
import { DiskFiles } from './disk-files.js'
import type { CacheEntry } from './entry.js'
import type { Flight } from './flight.js'
import { InvalidatingReply } from './invalidating-reply.js'
import { judge, type Verdict } from './judge.js'
import { withoutQueryKeys } from './selecting.js'
import { sendStored, storedFields } from './send-stored.js'
import { type Asked, leftOf, StoringReply } from './storing-reply.js'

export function makeCache(settings: CacheSettings, scope: PolicyScope): Policy {
  return new CachePolicy(settings, scope)
}

/** A shared cache in front of a route's backends (RFC 9111). */
export class CachePolicy implements Policy {
  readonly app: string
  readonly store: CacheStore
  /** of what it keeps on disk; null where that is nothing */
  readonly folder: string | null
  hits = 0
  misses = 0
  readonly #scope: PolicyScope
  readonly #keeper: CacheKeeper
  readonly #ignoredQuery: ReadonlySet<string>
  readonly #tells: boolean
  /** null once what was on disk is known */
  #opening: Promise<void> | null = null

  constructor(settings: CacheSettings, scope: PolicyScope) {
    const limits = limitsOf(settings)
    const defaults = defaultsOf(settings)
    this.app = scope.app
    this.#scope = scope
    this.#ignoredQuery = new Set(settings.ignoreQuery ?? [])
    this.#tells = settings.statusHeader ?? true
    this.folder = limits.diskBytes === 0 ? null : directoryOf(scope)
    this.store = new CacheStore(limits, this.folder === null ? null : new DiskFiles(this.folder))
    this.#keeper = new CacheKeeper(this.store, limits, defaults)
    if (limits.diskBytes > 0) this.#opening = this.#open(defaults)
  }

  decide(exchange: Exchange): Decision | Promise<Decision> {
    const { method, route } = exchange
    const kind = route?.target.kind
    if ((kind !== 'upstream' && kind !== 'process') || exchange.protocol.includes('websocket')) return CONTINUE
    if (method !== 'GET' && method !== 'HEAD') return this.#passChange(exchange)
    const request = new CacheRequest(exchange, this.#ignoredQuery, this.#tells)
    if (isBeyondCache(exchange) || request.directives.has('no-store')) return this.#pass(exchange, 'bypass')
    if (this.#opening !== null) return this.#opening.then(() => this.#answer(exchange, request, true))
    return this.#answer(exchange, request, true)
  }

  /** Removes stored answers, and sees that none under way to the backend takes their place. @returns how many */
  purge(fits: (target: string, url: string) => boolean): number {
    return this.#keeper.removeWhere((url) => fits(targetOf(url), url))
  }

  close(): void {
    this.store.close()
  }

  /** Settles when what is on disk is known. */
  async ready(): Promise<void> {
    await this.#opening
  }

  async #open(defaults: ReturnType<typeof defaultsOf>): Promise<void> {
    try {
      await this.store.open(defaults)
    } catch (err) {
      this.#scope.services.log.warn({ err }, 'the cache on disk cannot be read, and is not used')
      this.store.close()
    } finally {
      this.#opening = null
    }
  }

  /** @param mayShare it may wait for what another one has asked for */
  #answer(exchange: Exchange, request: CacheRequest, mayShare: boolean): Decision | Promise<Decision> {
    const stored = this.store.find(request.url, request.served, request.headers)
    const entry = stored === null || request.mayHave(stored) ? stored : null
    const verdict = entry === null ? 'revalidate' : judge(entry.freshness, request.directives, Date.now())
    if (entry !== null && verdict !== 'revalidate') {
      const body = this.store.body(entry)
      if (!(body instanceof Promise)) return this.#serve(exchange, request, entry, body, verdict)
      return body.then((read) =>
        read === null
          ? this.#answer(exchange, request, mayShare) // it was lost, and is no longer there
          : this.#serve(exchange, request, entry, read, verdict),
      )
    }
    request.varies = stored === null && this.store.has(request.url)
    if (request.directives.has('only-if-cached')) return refuse(notCached())
    this.misses += 1
    if (exchange.method === 'HEAD') return this.#pass(exchange, 'miss', request.fwd(entry))
    const flight = mayShare && request.shares ? this.#keeper.flight(request) : null
    if (flight !== null) return this.#share(exchange, request, flight)
    if (entry === null) return this.#fetch(exchange, request, null, mayShare)
    const body = this.store.body(entry)
    if (!(body instanceof Promise)) return this.#fetch(exchange, request, { entry, body }, mayShare)
    return body.then((read) => this.#fetch(exchange, request, read === null ? null : { entry, body: read }, mayShare))
  }

  #serve(
    exchange: Exchange,
    request: CacheRequest,
    entry: CacheEntry,
    body: Buffer,
    verdict: Exclude<Verdict, 'revalidate'>,
  ): Decision {
    this.hits += 1
    exchange.note('cache', verdict === 'fresh' ? 'hit' : 'stale')
    if (verdict === 'renew') this.#renew(exchange, request, entry, body)
    const { head, freshness } = entry
    const status: CacheStatus = verdict === 'renew' ? { hit: true, detail: 'stale-while-revalidate' } : { hit: true }
    const sent = sendStored(exchange, exchange.reply, { head, freshness, body }, request.tells ? status : null)
    exchange.status = sent.status
    exchange.responseHeaders = sent.headers
    exchange.bytesOut = sent.bytes
    return ANSWERED
  }

  /** The request goes to the backend, and its answer is kept where it may be. */
  #fetch(exchange: Exchange, request: CacheRequest, asked: Asked | null, mayShare: boolean): Decision {
    const flight = this.#keeper.begin(
      request,
      mayShare && request.shares && (asked !== null || !isConditional(exchange.headers)),
    )
    exchange.through((next) => new StoringReply(next, exchange, request, flight, asked, this.#keeper))
    if (asked !== null) exchange.editRequest((headers) => confirmable(headers, asked))
    return CONTINUE
  }

  /** A stale answer is renewed behind the back of the client that got it (RFC 5861 section 3). */
  #renew(exchange: Exchange, request: CacheRequest, entry: CacheEntry, body: Buffer): void {
    if (this.#keeper.flight(request) !== null) return
    const flight = this.#keeper.begin(request, true)
    void this.#scope.services.refetch(exchange, (own) => {
      own.through((next) => new StoringReply(next, own, request, flight, { entry, body }, this.#keeper))
      own.editRequest((headers) => confirmable(ownFields(headers), { entry, body }))
    })
  }

  async #share(exchange: Exchange, request: CacheRequest, flight: Flight): Promise<Decision> {
    const left = Promise.withResolvers<never>()
    exchange.onInterrupt(() => left.reject(new ClientGone()), left.reject)
    const outcome = await Promise.race([flight.wait(), left.promise])
    if (outcome === 'open' && flight.joinable && this.#keeper.fits(flight, request)) {
      this.hits += 1
      this.misses -= 1
      this.#join(exchange, request, flight)
      return ANSWERED
    }
    this.misses -= 1 // it is counted when it is looked up again
    return this.#answer(exchange, request, false)
  }

  #join(exchange: Exchange, request: CacheRequest, flight: Flight): void {
    const { head, freshness } = flight.shared as NonNullable<Flight['shared']>
    const { reply } = exchange
    const headers = storedFields(head.headers, freshness, Date.now(), reply.lowerCaseNames)
    const status: CacheStatus = { fwd: request.fwd(null), collapsed: true, ttl: leftOf(freshness) }
    withStatus(request, headers, status, reply.lowerCaseNames)
    exchange.note('cache', 'hit')
    exchange.firstByteMs = exchange.elapsed()
    exchange.status = head.status
    const bodiless = head.status === 204 || head.status === 205
    reply.head(head.status, head.reason, headers, { bodiless, trailers: false })
    exchange.responseHeaders = headers
    flight.join(exchange)
  }

  #passChange(exchange: Exchange): Decision {
    if (SAFE.has(exchange.method)) return CONTINUE
    const target = withoutQueryKeys(exchange.sentTarget, this.#ignoredQuery)
    exchange.through((next) => new InvalidatingReply(next, exchange, target, (url) => this.#keeper.invalidate(url)))
    return this.#pass(exchange, 'bypass', 'method')
  }

  #pass(exchange: Exchange, outcome: 'bypass' | 'miss', fwd: CacheStatus['fwd'] = 'bypass'): Decision {
    exchange.note('cache', outcome)
    if (!this.#tells) return CONTINUE
    const status: CacheStatus = { fwd: headerValue(exchange.headers, 'range') === undefined ? fwd : 'partial' }
    exchange.editReply((headers) => addCacheStatus(headers, status, exchange.reply.lowerCaseNames))
    return CONTINUE
  }
}

const SAFE: ReadonlySet<string> = new Set(['OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])

/** Ranges and conditions on what is stored at the backend are the backend's to answer, and so is a GET with a body. */
function isBeyondCache({ headers, bodyState }: Exchange): boolean {
  return (
    bodyState !== 'none' ||
    ['range', 'if-match', 'if-unmodified-since'].some((name) => headerValue(headers, name) !== undefined)
  )
}

/** Only what has a validator can be confirmed; else the client's own conditions go on to the backend. */
function confirmable(headers: RawHeaders, { entry: { freshness } }: Asked): RawHeaders {
  return freshness.etag === null && freshness.lastModified === null ? headers : askAgain(headers, freshness)
}

function notCached(): GatewayFault {
  return new GatewayFault(
    'not-found',
    504,
    'The client wanted a stored answer alone (only-if-cached), and there is none that is fresh.',
    'Send the request without "only-if-cached".',
  )
}

/** Path and query of a URL. */
export function targetOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('//') + 2))
}
