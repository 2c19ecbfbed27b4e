import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../../../../shared/fault.js'
import { writeAtomically } from '../../config/atomic-file.js'

/** A list that is kept in a file as a whole: read once, then written, one change after the other. */
export class JsonStore<T> {
  readonly #file: string
  #entries: readonly T[]
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * @param file absolute; one that is missing is an empty list
   * @throws Fault `config-unreadable`: what is in a damaged file is neither guessed nor overwritten
   */
  static async open<T>(file: string, entry: z.ZodType<T>): Promise<JsonStore<T>> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw unreadable(file, error.code ?? error.message)
    })
    return new JsonStore(file, text === null ? [] : entriesOf(file, text, entry))
  }

  private constructor(file: string, entries: readonly T[]) {
    this.#file = file
    this.#entries = entries
  }

  get entries(): readonly T[] {
    return this.#entries
  }

  /** Keeps what `edit` makes of the entries; when it cannot be written, or `edit` throws, they stay as they were. */
  change(edit: (entries: readonly T[]) => readonly T[]): Promise<void> {
    const turn = this.#turn
      .catch(() => undefined) // told to who asked
      .then(async () => {
        const entries = edit(this.#entries)
        await writeAtomically(this.#file, `${JSON.stringify({ version: 1, entries }, null, 2)}\n`, { mode: 0o600 })
        this.#entries = entries
      })
    this.#turn = turn
    return turn
  }
}

function entriesOf<T>(file: string, text: string, entry: z.ZodType<T>): readonly T[] {
  try {
    return z.strictObject({ version: z.literal(1), entries: z.array(entry) }).parse(JSON.parse(text)).entries
  } catch {
    throw unreadable(file, 'it is not what a relay has written')
  }
}

function unreadable(file: string, reason: string): Fault {
  return new Fault('config-unreadable', `${file} can not be read: ${reason}.`, 'Repair it, or move it elsewhere.')
}
