import type { Logger } from 'pino'

/** Where audit lines go, which turns the file over when it is full. */
export interface LineFile {
  append(lines: Buffer): Promise<void>
  close(): Promise<void>
}

export type AuditEvent =
  | { event: 'relay-started' | 'relay-stopped' }
  | { event: 'token-created' | 'token-revoked'; token: string; agent: string | null }
  | { event: 'agent-connected' | 'agent-disconnected'; agent: string; token: string; from: string; protocol: string }
  | { event: 'agent-refused'; agent: string | null; from: string; status: number }
  | { event: 'api-refused'; from: string; path: string; status: number }
  | { event: 'agent-malformed'; agent: string; token: string; from: string; reason: string }
  | {
      event: 'proxy-created' | 'proxy-removed'
      proxy: string
      agent: string
      local: string
      remote: string
      by: string
    }
  | { event: 'app-published' | 'app-unpublished'; name: string; agent: string; url: string }
  | { event: 'visit-opened'; name: string; agent: string; from: string }
  | (ConnectionEnd & { event: 'visit-closed'; name: string; agent: string; from: string } & VisitCounts)
  | { event: 'connection-opened'; proxy: string; agent: string; from: string; remote: string }
  | { event: 'connection-refused'; proxy: string; agent: string; from: string; reason: string }
  | (ConnectionEnd & { event: 'connection-closed'; proxy: string; agent: string; from: string })

interface VisitCounts {
  requests: number
  /** of these, for want of the password or for a policy */
  refused: number
}

interface ConnectionEnd {
  bytesIn: number
  bytesOut: number
  seconds: number
  reason: string
}

/** Lines that wait for the disk at most; a disk that is too slow costs lines, not memory. */
const MAX_WAITING = 10_000
/** What strangers can cause as often as they like is told so many times in a minute; the rest is counted. */
const REFUSALS_A_MINUTE = 60
const MINUTE_MS = 60_000

/** Who did what through the relay: one JSON object to a line. It never holds a token. */
export class AuditLog {
  readonly #file: LineFile
  readonly #log: Logger
  /** why it cannot be written; null when it can */
  trouble: string | null = null
  #waiting: { text: string; omitted: number }[] = []
  #omitted = 0
  #minute = 0
  #refusals = 0
  #writing: Promise<void> | null = null

  constructor(file: LineFile, log: Logger) {
    this.#file = file
    this.#log = log
  }

  note(event: AuditEvent): void {
    const now = Date.now()
    if (this.#waiting.length >= MAX_WAITING || (isRefusal(event) && this.#tooMany(now))) {
      this.omit()
      return
    }
    const omitted = this.#omitted
    this.#omitted = 0
    const said = omitted === 0 ? {} : { omittedBefore: omitted }
    const text = `${JSON.stringify({ time: new Date(now).toISOString(), ...event, ...said })}\n`
    this.#waiting.push({ text, omitted })
    this.#writing ??= this.#write()
  }

  /** Counts what is not told one by one. */
  omit(): void {
    this.#omitted += 1
  }

  /** Resolves when all is written. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing
    await this.#file.close()
  }

  async #write(): Promise<void> {
    // What comes in the same turn is written at once.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      try {
        await this.#file.append(Buffer.from(lines.map(({ text }) => text).join('')))
        this.trouble = null
      } catch (err) {
        for (const { omitted } of lines) this.#omitted += 1 + omitted
        if (this.trouble === null) this.#log.error({ err }, 'the audit log cannot be written')
        this.trouble = (err as NodeJS.ErrnoException).code ?? String(err)
      }
    }
    this.#writing = null
  }

  #tooMany(now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) this.#refusals = 0
    this.#minute = minute
    this.#refusals += 1
    return this.#refusals > REFUSALS_A_MINUTE
  }
}

function isRefusal({ event }: AuditEvent): boolean {
  return event === 'agent-refused' || event === 'connection-refused' || event === 'api-refused'
}
