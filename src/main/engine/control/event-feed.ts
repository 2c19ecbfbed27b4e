import type { EventName, Portal } from '../../../shared/contract.js'
import { encodeFrame } from './protocol.js'

/** Who follows events: a connection of the control socket. */
export interface Follower {
  /** bytes that wait to be read by the other side */
  readonly pendingBytes: number
  send(line: string): void
}

/** An event waits for a follower only while less than this is waiting already. */
export const MAX_PENDING_BYTES = 1024 * 1024

/**
 * Passes the portal's events on to followers: each event is written out once for all of them, and one that does not
 * read is left out, counted, and told how much it missed as soon as it reads again. Memory stays bounded either way.
 */
export class EventFeed {
  readonly #portal: Portal
  readonly #channels = new Map<EventName, { followers: Map<Follower, number>; end: () => void }>()
  #missed = 0

  constructor(portal: Portal) {
    this.#portal = portal
  }

  /** How many events were not sent, summed over all followers. */
  get missed(): number {
    return this.#missed
  }

  follow(name: EventName, follower: Follower): void {
    const channel = this.#channels.get(name)
    if (channel !== undefined) {
      if (!channel.followers.has(follower)) channel.followers.set(follower, 0)
      return
    }
    const followers = new Map([[follower, 0]])
    this.#channels.set(name, { followers, end: this.#portal.on(name, (payload) => this.#pass(name, payload)) })
  }

  unfollow(name: EventName, follower: Follower): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.followers.delete(follower)
    if (channel.followers.size > 0) return
    this.#channels.delete(name)
    channel.end()
  }

  /** Ends all that the follower follows. */
  drop(follower: Follower): void {
    for (const name of [...this.#channels.keys()]) this.unfollow(name, follower)
  }

  /** To be called when everything that waited for the follower has been read. */
  caughtUp(follower: Follower): void {
    for (const [name, { followers }] of this.#channels) {
      const count = followers.get(follower) ?? 0
      if (count === 0) continue
      followers.set(follower, 0)
      follower.send(encodeFrame({ missed: name, count }))
    }
  }

  #pass(name: EventName, payload: unknown): void {
    const followers = this.#channels.get(name)?.followers
    if (followers === undefined) return
    const line = encodeFrame({ event: name, payload })
    for (const [follower, missed] of followers) {
      // Once behind, always left out until `caughtUp`: what is sent has no holes but the one that is told.
      if (missed === 0 && follower.pendingBytes < MAX_PENDING_BYTES) follower.send(line)
      else {
        followers.set(follower, missed + 1)
        this.#missed++
      }
    }
  }
}
