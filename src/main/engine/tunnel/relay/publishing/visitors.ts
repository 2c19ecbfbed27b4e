import type { AuditLog } from '../audit-log.js'
import type { Visit } from './publisher.js'

/** A visitor of whom nothing is heard for so long has gone, in milliseconds. */
const GONE_MS = 60_000
/** Who comes when there are so many is not told one by one. */
const KNOWN_AT_MOST = 5_000

interface Visitor {
  name: string
  agent: string
  from: string
  began: number
  latest: number
  requests: number
  refused: number
  bytesIn: number
  bytesOut: number
}

/** Who visits which app: their requests one by one are in the gateway's access log, here they make one visit. */
export class Visitors {
  readonly #audit: AuditLog
  readonly #known = new Map<string, Visitor>()
  readonly #goneMs: number
  #timer: NodeJS.Timeout | null = null

  constructor(audit: AuditLog, goneMs = GONE_MS) {
    this.#audit = audit
    this.#goneMs = goneMs
  }

  /** @param agent whose app it is */
  note({ name, from, refused, bytesIn, bytesOut }: Visit, agent: string): void {
    const key = `${name} ${from}`
    const now = Date.now()
    let visitor = this.#known.get(key)
    if (visitor === undefined) {
      if (this.#known.size >= KNOWN_AT_MOST) {
        this.#audit.omit()
        return
      }
      visitor = { name, agent, from, began: now, latest: now, requests: 0, refused: 0, bytesIn: 0, bytesOut: 0 }
      this.#known.set(key, visitor)
      this.#audit.note({ event: 'visit-opened', name, agent, from })
      this.#timer ??= setInterval(() => this.#sweep(), this.#goneMs / 4).unref()
    }
    visitor.latest = now
    visitor.requests += 1
    visitor.refused += refused ? 1 : 0
    visitor.bytesIn += bytesIn
    visitor.bytesOut += bytesOut
  }

  /** @param name of the app that is no longer there */
  end(name: string, reason: string): void {
    for (const [key, visitor] of this.#known) if (visitor.name === name) this.#close(key, visitor, reason)
  }

  #sweep(): void {
    const since = Date.now() - this.#goneMs
    for (const [key, visitor] of this.#known) {
      // A clock that was set back would keep them for ever.
      if (visitor.latest <= since || visitor.latest > Date.now() + this.#goneMs) this.#close(key, visitor, 'gone')
    }
  }

  #close(key: string, visitor: Visitor, reason: string): void {
    const { name, agent, from, began, latest, requests, refused, bytesIn, bytesOut } = visitor
    this.#known.delete(key)
    const seconds = Math.round(Math.max(0, latest - began) / 10) / 100
    const what = { requests, refused, bytesIn, bytesOut, seconds, reason }
    this.#audit.note({ event: 'visit-closed', name, agent, from, ...what })
    if (this.#known.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}
