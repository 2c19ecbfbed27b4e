import type { Exchange } from '../../exchange.js'
import type { EntryKey } from './entry.js'
import { Follower } from './follower.js'
import type { AnswerHead, Freshness } from './freshness.js'

/** How far behind the slowest may be in an answer that is not kept, in chunks. */
const MAX_LAG = 64

/** Room for the answers that are being kept, of all that is under way in one cache. */
export class CollectingRoom {
  #left: number

  /** @param bytes of bodies at once */
  constructor(bytes: number) {
    this.#left = bytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  give(bytes: number): void {
    this.#left += bytes
  }
}

/** An answer that others may have too, as its head tells. */
export interface SharedHead extends EntryKey {
  head: AnswerHead
  freshness: Freshness
}

/**
 * What those who wait for the same answer are told: open, it is theirs as it comes; again, the stored answer has been
 * confirmed or replaced; pass, it is for who asked alone.
 */
export type Outcome = 'open' | 'again' | 'pass'

/** A request on its way to the backend, and all that wait for its answer. */
export class Flight {
  readonly url: string
  readonly outcome: Promise<Outcome>
  shared: SharedHead | null = null
  /** what it would be stored as has been invalidated meanwhile */
  outdated = false
  /** called when nobody follows any more, and when followers have caught up */
  onChange: () => void = () => {}
  /** called once, when no more comes of it */
  onOver: () => void = () => {}
  readonly #room: CollectingRoom
  readonly #maxBytes: number
  readonly #followers = new Set<Follower>()
  #tell!: (outcome: Outcome) => void
  #waiting = 0
  #chunks: Buffer[] = []
  /** chunks that are gone from the beginning of `#chunks` */
  #gone = 0
  #bytes = 0
  #collecting = false
  #state: 'under way' | 'whole' | 'broken' = 'under way'

  constructor(url: string, room: CollectingRoom, maxBytes: number) {
    this.url = url
    this.#room = room
    this.#maxBytes = maxBytes
    this.outcome = new Promise((resolve) => {
      this.#tell = resolve
    })
  }

  /** Somebody else waits for it, or is getting it. */
  get wanted(): boolean {
    return this.#waiting > 0 || this.#followers.size > 0
  }

  /** All of the body so far is here. */
  get collecting(): boolean {
    return this.#collecting
  }

  /** A follower is so far behind that the backend has to wait for it. */
  get lagging(): boolean {
    return !this.#collecting && [...this.#followers].some((one) => this.end - one.at > MAX_LAG)
  }

  /** chunks that have come */
  get end(): number {
    return this.#gone + this.#chunks.length
  }

  get whole(): boolean {
    return this.#state === 'whole'
  }

  get broken(): boolean {
    return this.#state === 'broken'
  }

  /** Waits until it is known whether the answer may be had too. */
  async wait(): Promise<Outcome> {
    this.#waiting += 1
    const outcome = await this.outcome
    // Those who join do so in their continuation, before the next one is asked whether the flight is wanted.
    setImmediate(() => {
      this.#waiting -= 1
      this.onChange()
    })
    return outcome
  }

  /** The answer may be kept, and had by others. */
  open(shared: SharedHead): void {
    this.shared = shared
    this.#collecting = true
    this.#tell('open')
  }

  /** The answer is no one else's, or in the store already. */
  settle(outcome: 'again' | 'pass'): void {
    this.#tell(outcome)
    this.onOver()
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== 'under way' || this.shared === null) return
    if (this.#collecting && (this.#bytes + chunk.length > this.#maxBytes || !this.#room.take(chunk.length))) {
      this.#collecting = false
      this.#room.give(this.#bytes)
    }
    this.#bytes += chunk.length
    if (!this.#collecting && this.#followers.size === 0) {
      this.#gone = this.end + 1
      this.#chunks = []
      return
    }
    this.#chunks.push(Buffer.from(chunk))
    for (const follower of this.#followers) follower.pump()
    this.#trim()
  }

  /** The answer is whole. @returns its body; null when it was not kept */
  finish(): Buffer | null {
    if (this.#state !== 'under way') return null
    this.#state = 'whole'
    const body = this.#collecting ? exactly(this.#chunks, this.#bytes) : null
    this.#over()
    return body
  }

  /** There will be no whole answer. */
  break(): void {
    if (this.#state !== 'under way') return
    this.#state = 'broken'
    this.#tell('pass')
    this.#over()
  }

  /** Whether a follower can still have the answer from its beginning. */
  get joinable(): boolean {
    return this.shared !== null && !this.broken && this.#gone === 0 && (this.#collecting || this.whole)
  }

  join(exchange: Exchange): void {
    const follower = new Follower(this, exchange)
    this.#followers.add(follower)
    this.onChange()
    follower.pump()
  }

  leave(follower: Follower): void {
    if (this.#followers.delete(follower)) this.#trim()
    this.onChange()
  }

  chunk(at: number): Buffer | undefined {
    return this.#chunks[at - this.#gone]
  }

  /** A follower has moved on. */
  moved(): void {
    if (this.#collecting || this.#state !== 'under way') return
    this.#trim()
    this.onChange()
  }

  #over(): void {
    if (this.#collecting) this.#room.give(this.#bytes)
    this.#collecting = false
    for (const follower of this.#followers) follower.pump()
    this.onOver()
    this.onChange()
  }

  #trim(): void {
    if (this.#collecting || this.#state !== 'under way') return
    let slowest = this.end
    for (const { at } of this.#followers) slowest = Math.min(slowest, at)
    if (slowest > this.#gone) this.#chunks.splice(0, slowest - this.#gone)
    this.#gone = Math.max(slowest, this.#gone)
  }
}

/** A buffer of its own: what is kept long does not keep a pool of others. */
function exactly(chunks: readonly Buffer[], bytes: number): Buffer {
  const body = Buffer.allocUnsafeSlow(bytes)
  let at = 0
  for (const chunk of chunks) at += chunk.copy(body, at)
  return body
}
