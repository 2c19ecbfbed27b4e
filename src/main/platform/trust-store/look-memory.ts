import { stat } from 'node:fs/promises'
import type { Look } from './trust-store.js'

interface Kept {
  stamp: string
  look: Promise<Look>
}

/** What looks have found in files that are as they were: some tools take a second to tell. */
export class LookMemory {
  readonly #kept = new Map<string, Kept>()

  /**
   * What a look at a file finds, or has found while the file was the same.
   *
   * @param file absolute
   * @param about what else the look depends on
   */
  async of(file: string, about: string, look: () => Promise<Look>): Promise<Look> {
    const stamp = await stampOf(file)
    if (stamp === null) return look()
    const known = this.#kept.get(file)
    const kept = known?.stamp === `${stamp} ${about}` ? known : { stamp: `${stamp} ${about}`, look: look() }
    this.#kept.set(file, kept)
    const found = await kept.look
    if (!found.found && this.#kept.get(file) === kept) this.#kept.delete(file)
    return found
  }
}

/** Null for a file that cannot be looked at. */
async function stampOf(file: string): Promise<string | null> {
  try {
    const { mtimeNs, ctimeNs, size, ino } = await stat(file, { bigint: true })
    return [mtimeNs, ctimeNs, size, ino].join(' ')
  } catch {
    return null
  }
}
