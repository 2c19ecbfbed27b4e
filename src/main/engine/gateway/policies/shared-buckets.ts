import type { Redis } from 'ioredis'
import type { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { BucketStore } from './bucket-store.js'
import type { PolicyScope } from './policy.js'
import type { Bucket, Taken } from './token-bucket.js'

/**
 * The bucket of token-bucket.ts, taken from in Redis: KEYS[1] holds when it will be full, in milliseconds of the server's
 * clock, which all gateways share. Answers with the tokens that are taken, one too many when there was none, and the
 * milliseconds until it is full.
 */
const TAKE = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local capacity = __CAPACITY__
local refill = __REFILL__
local since = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local after = since + refill
if after - now > capacity * refill + 0.000001 then
  return {capacity + 1, math.ceil(since - now)}
end
redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.max(1, math.ceil(after - now)))
return {math.ceil((after - now) / refill - 0.000001), math.ceil(after - now)}
`

/** So long a server that does not answer is waited for. */
const PATIENCE_MS = 500

interface Connected {
  client: Redis
  limiter: RateLimiterRedis
}

/** Buckets that gateways share by a Redis server. While it cannot be reached, each counts for itself. */
export class SharedBuckets {
  readonly #url: string
  readonly #bucket: Bucket
  readonly #own: BucketStore
  readonly #scope: PolicyScope
  #connected: Promise<Connected> | null = null
  #told = false

  /** @param own counts while the server is away */
  constructor(url: string, bucket: Bucket, own: BucketStore, scope: PolicyScope) {
    this.#url = url
    this.#bucket = bucket
    this.#own = own
    this.#scope = scope
  }

  async take(key: string): Promise<Taken> {
    try {
      this.#connected ??= this.#connect()
      const { limiter } = await this.#connected
      const result = await limiter.consume(key).catch((thrown: unknown) => {
        if (thrown instanceof Error) throw thrown
        return thrown as RateLimiterRes
      })
      this.#told = false
      return this.#taken(result)
    } catch (error) {
      this.#tell(error)
      return this.#own.take(key, performance.now())
    }
  }

  close(): void {
    void this.#connected?.then(
      ({ client }) => client.disconnect(),
      () => {},
    )
  }

  #taken({ consumedPoints, msBeforeNext }: RateLimiterRes): Taken {
    const { capacity, refillMs } = this.#bucket
    const allowed = consumedPoints <= capacity
    return {
      allowed,
      remaining: Math.max(0, capacity - consumedPoints),
      retryMs: allowed ? 0 : Math.max(1, Math.ceil(msBeforeNext - (capacity - 1) * refillMs)),
      fullMs: msBeforeNext,
      fullAt: 0,
    }
  }

  async #connect(): Promise<Connected> {
    const [{ Redis }, { RateLimiterRedis }] = await Promise.all([import('ioredis'), import('rate-limiter-flexible')])
    const client = new Redis(this.#url, {
      enableOfflineQueue: false,
      lazyConnect: true,
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(attempt * 200, 5_000),
    })
    client.on('error', (error) => this.#tell(error))
    await client.connect().catch(() => {}) // it goes on trying, and requests do not wait for it
    const { capacity, refillMs } = this.#bucket
    const limiter = new RateLimiterRedis({
      storeClient: client,
      rejectIfRedisNotReady: true,
      keyPrefix: `portico:${this.#scope.app}:${this.#scope.route ?? ''}`,
      points: capacity,
      duration: Math.max(1, Math.ceil((capacity * refillMs) / 1_000)),
      customIncrTtlLuaScript: TAKE.replace('__CAPACITY__', String(capacity)).replace('__REFILL__', String(refillMs)),
    })
    return { client, limiter }
  }

  #tell(err: unknown): void {
    if (this.#told) return
    this.#told = true
    this.#scope.services.log.warn(
      { err, app: this.#scope.app },
      'the Redis server of a rate limit is out of reach: this gateway counts by itself until it is back',
    )
  }
}
