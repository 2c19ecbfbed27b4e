import type { Answer, Packet } from 'dns-packet'
import { TTL } from './answer-mdns.js'

/** RFC 6762 section 6: so long a record is not sent to all again; sooner only to who asks for the same name. */
const PAUSE_MS = 1_000
const PROBED_PAUSE_MS = 250
/** RFC 6762 section 5.4 */
const STALE_MS = (TTL / 4) * 1_000
const MOST = 4_096

/** When each record was last sent to all on each link. */
export class SentLately {
  readonly #times = new Map<string, number>()

  note(link: string, packet: Packet, now: number): void {
    if (this.#times.size > MOST) this.#times.clear()
    for (const answer of packet.answers ?? []) this.#times.set(keyOf(link, answer), now)
  }

  /** As much of an answer as may be sent to all again, which counts as sent then; null when that is nothing. */
  allowed(link: string, packet: Packet, now: number, probed: boolean): Packet | null {
    return this.#olderThan(link, packet, now, probed ? PROBED_PAUSE_MS : PAUSE_MS)
  }

  /** As much of an answer to one machine as the others have not heard for long. */
  staleIn(link: string, packet: Packet, now: number): Packet | null {
    return this.#olderThan(link, packet, now, STALE_MS)
  }

  #olderThan(link: string, packet: Packet, now: number, age: number): Packet | null {
    const answers = (packet.answers ?? []).filter(
      (answer) => now - (this.#times.get(keyOf(link, answer)) ?? Number.NEGATIVE_INFINITY) >= age,
    )
    if (answers.length === 0) return null
    const sent = { ...packet, answers }
    this.note(link, sent, now)
    return sent
  }
}

function keyOf(link: string, answer: Answer): string {
  return `${link} ${answer.type} ${answer.name} ${'data' in answer ? JSON.stringify(answer.data) : ''}`
}
