/** A bucket of tokens: each request takes one, and they come back at a steady rate. */
export interface Bucket {
  /** tokens that it holds when full */
  capacity: number
  /** milliseconds after which one comes back */
  refillMs: number
}

export interface Taken {
  allowed: boolean
  /** tokens left */
  remaining: number
  /** milliseconds until there is a token again; 0 when there is one */
  retryMs: number
  /** milliseconds until the bucket is full */
  fullMs: number
  /** what the bucket is now, to be given to the next `take` */
  fullAt: number
}

/**
 * Takes a token, by the generic cell rate algorithm: all that has to be kept of a bucket is when it will be full.
 *
 * @param fullAt when it will be full as the last `take` left it; anything in the past for a full one
 * @param now in the same milliseconds
 */
export function take({ capacity, refillMs }: Bucket, fullAt: number, now: number): Taken {
  const since = Math.max(fullAt, now)
  const after = since + refillMs
  const allowed = after - now <= capacity * refillMs + EPSILON
  const end = allowed ? after : since
  const remaining = Math.max(0, Math.floor(capacity - (end - now) / refillMs + EPSILON))
  return {
    allowed,
    remaining,
    retryMs: allowed ? 0 : Math.max(1, Math.ceil(after - now - capacity * refillMs)),
    fullMs: Math.ceil(end - now),
    fullAt: end,
  }
}

/** Rates such as 7 a second are no whole milliseconds. */
const EPSILON = 1e-6

const PERIOD_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export interface Rate {
  count: number
  periodMs: number
}

/** @param text as "100/m" */
export function parseRate(text: string): Rate {
  const [count = '1', unit = 's'] = text.split('/')
  return { count: Number(count), periodMs: PERIOD_MS[unit as keyof typeof PERIOD_MS] }
}

/** @param burst tokens that the bucket holds; those of one period unless told, and never less than one */
export function bucketOf({ count, periodMs }: Rate, burst: number | undefined): Bucket {
  return { capacity: Math.max(1, burst ?? count), refillMs: periodMs / count }
}
