import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { writeAtomically } from '../config/atomic-file.js'

const processSchema = z.object({ pid: z.int(), birth: z.string() })

const entrySchema = z.object({
  app: z.string(),
  port: z.int().nullable(),
  /** the process whose group this is */
  leader: processSchema,
  /** null where the system has no groups */
  group: z.int().nullable(),
  /** others of the group: they prove that it is still the same when its leader has ended */
  members: z.array(processSchema),
})

const fileSchema = z.object({ version: z.literal(1), entries: z.array(entrySchema) })

export type LedgerEntry = z.output<typeof entrySchema>

/**
 * Which processes are this gateway's own, on disk. When the gateway is killed, the next one finds here what it has to
 * end. The birth of each process is noted with its pid, which may be somebody else's by then.
 */
export class Ledger {
  /** of a gateway that did not end its processes */
  readonly left: readonly LedgerEntry[]
  readonly #file: string
  readonly #log: Logger
  readonly #entries = new Map<string, readonly LedgerEntry[]>()
  /** `left` stays on disk until that is done */
  #recovered = false
  #writing: Promise<void> | null = null
  #dirty = false

  /** @param file absolute; one that cannot be read is told in the log, and replaced */
  static async open(file: string, log: Logger): Promise<Ledger> {
    return new Ledger(file, await read(file, log), log)
  }

  private constructor(file: string, left: readonly LedgerEntry[], log: Logger) {
    this.#file = file
    this.left = left
    this.#recovered = left.length === 0
    this.#log = log
  }

  /** The processes of an app now; resolves when that is on disk, or cannot be put there, which is told in the log. */
  set(app: string, entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length === 0 && !this.#entries.has(app)) return Promise.resolve()
    if (entries.length === 0) this.#entries.delete(app)
    else this.#entries.set(app, entries)
    return this.#save()
  }

  /** What was left has ended. */
  forgetLeft(): Promise<void> {
    if (this.#recovered) return Promise.resolve()
    this.#recovered = true
    return this.#save()
  }

  /** Resolves when all is on disk. */
  async settled(): Promise<void> {
    await this.#writing
  }

  #save(): Promise<void> {
    this.#dirty = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false
      const entries = [...(this.#recovered ? [] : this.left), ...[...this.#entries.values()].flat()]
      try {
        await writeAtomically(this.#file, `${JSON.stringify({ version: 1, entries })}\n`)
      } catch (error) {
        this.#log.error(
          { err: error, file: this.#file },
          'the processes cannot be noted: a crash would leave them behind',
        )
      }
    }
  }
}

async function read(file: string, log: Logger): Promise<LedgerEntry[]> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8'))).entries
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      log.warn({ err: error, file }, 'the list of processes is damaged: what an earlier run left is not ended')
    }
    return []
  }
}
