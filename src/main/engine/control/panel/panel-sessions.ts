import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { PanelSession } from '../../../../shared/window-schemas.js'
import { writeAtomically } from '../../config/atomic-file.js'
import { hashOf, newSecret, sameHash } from './secret.js'

export const IDLE_MS = 30 * 24 * 3_600_000
export const MAX_SESSIONS = 50
/** When a session was last used is written down this often at most: reading the panel must not wear the disk. */
const WRITE_SEEN_MS = 3_600_000
const USER_AGENT_LENGTH = 200

const storedSchema = z.strictObject({
  version: z.literal(1),
  sessions: z.array(
    z.strictObject({
      id: z.string(),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      createdAt: z.number(),
      lastSeenAt: z.number(),
      client: z.string(),
      userAgent: z.string(),
    }),
  ),
})

interface Session {
  id: string
  hash: Buffer
  /** milliseconds since the epoch */
  createdAt: number
  lastSeenAt: number
  client: string
  userAgent: string
}

export interface PanelSessionsOptions {
  /** absolute; the file that keeps people logged in across restarts */
  file: string
  log: Logger
  /** called with each session that has ended */
  onEnded: (id: string) => void
  now?: () => number
}

/** The browsers that are logged in to the panel. Their cookies are known by hash only. */
export class PanelSessions {
  readonly #options: PanelSessionsOptions
  readonly #now: () => number
  #sessions: Session[]
  #seenWritten: number
  #writes: Promise<void> = Promise.resolve()

  /** Reads what was kept. A file that cannot be read costs everybody their login, and nothing else. */
  static async open(options: PanelSessionsOptions): Promise<PanelSessions> {
    try {
      const { sessions } = storedSchema.parse(JSON.parse(await readFile(options.file, 'utf8')))
      return new PanelSessions(
        options,
        sessions.map((one) => ({ ...one, hash: Buffer.from(one.hash, 'hex') })),
      )
    } catch (err) {
      const missing = (err as NodeJS.ErrnoException).code === 'ENOENT'
      if (!missing) options.log.warn({ err, file: options.file }, 'the sessions of the panel could not be read')
      return new PanelSessions(options, [])
    }
  }

  private constructor(options: PanelSessionsOptions, sessions: Session[]) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#sessions = sessions
    this.#seenWritten = this.#now()
  }

  /** The sessions that still count, the latest first. */
  list(): PanelSession[] {
    return this.#live()
      .map(({ id, createdAt, lastSeenAt, client, userAgent }) => ({
        ...{ id, client, userAgent },
        createdAt: new Date(createdAt).toISOString(),
        lastSeenAt: new Date(lastSeenAt).toISOString(),
      }))
      .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt))
  }

  /** Logs a browser in; beyond the fiftieth, the one that was used longest ago is logged out. @returns its secret */
  async create(client: string, userAgent: string): Promise<string> {
    const secret = newSecret()
    const now = this.#now()
    const session = {
      ...{ id: randomBytes(8).toString('hex'), hash: hashOf(secret), createdAt: now, lastSeenAt: now, client },
      userAgent: userAgent.replace(/[^\x20-\x7e]/g, '').slice(0, USER_AGENT_LENGTH),
    }
    const kept = this.#live().sort((a, b) => b.lastSeenAt - a.lastSeenAt)
    this.#replace([session, ...kept.slice(0, MAX_SESSIONS - 1)])
    await this.#write()
    return secret
  }

  /** The id of the session that one of these secrets belongs to, now in use; null when there is none. */
  find(secrets: readonly string[]): string | null {
    const hashes = secrets.map(hashOf)
    const found = this.#live().filter(({ hash }) => hashes.some((one) => sameHash(one, hash)))[0]
    return found !== undefined && this.touch(found.id) ? found.id : null
  }

  /** Notes that a session is in use. False when it has ended. */
  touch(id: string): boolean {
    const session = this.#live().find((one) => one.id === id)
    if (session === undefined) return false
    session.lastSeenAt = this.#now()
    if (session.lastSeenAt - this.#seenWritten > WRITE_SEEN_MS) void this.#write()
    return true
  }

  /** Logs a browser out. False when there is no such session. */
  async revoke(id: string): Promise<boolean> {
    const left = this.#live().filter((session) => session.id !== id)
    if (left.length === this.#sessions.length) return false
    this.#replace(left)
    await this.#write()
    return true
  }

  /** Resolves when all that is to be kept has been written. */
  async flush(): Promise<void> {
    await this.#writes
  }

  #live(): Session[] {
    const oldest = this.#now() - IDLE_MS
    if (this.#sessions.some(({ lastSeenAt }) => lastSeenAt <= oldest))
      this.#replace(this.#sessions.filter(({ lastSeenAt }) => lastSeenAt > oldest))
    return this.#sessions
  }

  #replace(sessions: Session[]): void {
    const ended = this.#sessions.filter((session) => !sessions.includes(session))
    this.#sessions = sessions
    for (const { id } of ended) this.#options.onEnded(id)
  }

  /** One write after the other, each with what holds when its turn comes. A failure costs a login after a restart. */
  #write(): Promise<void> {
    this.#seenWritten = this.#now()
    const { file, log } = this.#options
    this.#writes = this.#writes.then(async () => {
      try {
        await writeAtomically(file, this.#text(), { mode: 0o600 })
      } catch (err) {
        log.error({ err, file }, 'the sessions of the panel could not be saved')
      }
    })
    return this.#writes
  }

  #text(): string {
    const sessions = this.#sessions.map((session) => ({ ...session, hash: session.hash.toString('hex') }))
    return `${JSON.stringify({ version: 1, sessions } satisfies z.input<typeof storedSchema>, null, 2)}\n`
  }
}
