import { createHash } from 'node:crypto'
import type { RateLimitSettings } from '../../../../shared/policies/rate-limit-schema.js'
import { rangeTest } from '../connection.js'
import type { Exchange } from '../exchange.js'
import { lowerCased } from '../field-edits.js'
import { GatewayFault } from '../gateway-fault.js'
import { headerValue, type RawHeaders } from '../headers.js'
import { BucketStore } from './bucket-store.js'
import { clientAddress, clientGroup } from './client-address.js'
import { CONTINUE, type Decision, refuse } from './decision.js'
import type { Policy, PolicyScope } from './policy.js'
import { SharedBuckets } from './shared-buckets.js'
import { bucketOf, parseRate, type Taken } from './token-bucket.js'

/** Longer keys are kept as a digest: clients choose them. */
const MAX_KEY = 64

/** Bounds how often one client, or all together, may ask. */
export function makeRateLimit(settings: RateLimitSettings, scope: PolicyScope): Policy {
  const rate = parseRate(settings.rate)
  const bucket = bucketOf(rate, settings.burst)
  const own = new BucketStore(bucket)
  const shared = settings.redis === undefined ? null : new SharedBuckets(settings.redis, bucket, own, scope)
  const exempt = settings.allow === undefined ? null : rangeTest(settings.allow)
  const policy = `"${scope.app}";q=${rate.count};w=${rate.periodMs / 1_000}`
  const settle = (exchange: Exchange, taken: Taken): Decision => {
    const fields = rateFields(taken, bucket.capacity, scope.app, policy)
    if (!taken.allowed) {
      exchange.note('rateLimit', 'limited')
      return refuse(tooMany(settings, taken, fields))
    }
    exchange.editAnswer((headers) => append(headers, fields, exchange.reply.lowerCaseNames))
    return CONTINUE
  }
  return {
    decide: (exchange) => {
      const address = clientAddress(exchange)
      if (exempt?.(address) === true) return CONTINUE
      const key = keyOf(exchange, address, settings.by ?? 'client')
      if (shared === null) return settle(exchange, own.take(key, performance.now()))
      return shared.take(key).then((taken) => settle(exchange, taken))
    },
    close: () => shared?.close(),
  }
}

/** Whose request it is. One without the field that tells is the client's. */
function keyOf(exchange: Exchange, address: string, by: NonNullable<RateLimitSettings['by']>): string {
  if (by === 'all') return ''
  const value = by === 'client' ? undefined : headerValue(exchange.headers, by.header.toLowerCase())
  if (value === undefined) return clientGroup(address)
  return `=${value.length <= MAX_KEY ? value : createHash('sha256').update(value).digest('base64url')}`
}

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10, and those that came before it and that most clients know.
 *
 * @param name of the limit
 * @param policy value of RateLimit-Policy
 */
export function rateFields(taken: Taken, capacity: number, name: string, policy: string): RawHeaders {
  const reset = String(Math.ceil(taken.fullMs / 1_000))
  const limit = `"${name}";r=${taken.remaining};t=${taken.allowed ? reset : seconds(taken)}`
  const fields = ['RateLimit-Policy', policy, 'RateLimit', limit, 'X-RateLimit-Limit', String(capacity)]
  fields.push('X-RateLimit-Remaining', String(taken.remaining), 'X-RateLimit-Reset', reset)
  return fields
}

function tooMany({ rate, by = 'client' }: RateLimitSettings, taken: Taken, fields: RawHeaders): GatewayFault {
  const whose = by === 'all' ? 'all clients together' : by === 'client' ? 'one client' : `one ${by.header}`
  return new GatewayFault(
    'rate-limited',
    429,
    `More than ${rate} requests came from ${whose}.`,
    `Try again in ${seconds(taken)} s. The policy "rateLimit" of the app sets how many there may be.`,
    ['Retry-After', seconds(taken), ...fields],
  )
}

function seconds({ retryMs }: Taken): string {
  return String(Math.max(1, Math.ceil(retryMs / 1_000)))
}

function append(headers: RawHeaders, fields: RawHeaders, lowerCase: boolean): void {
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    headers.push(lowerCase ? lowerCased(name) : name, fields[i + 1] as string)
  }
}
