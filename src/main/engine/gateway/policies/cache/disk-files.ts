import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  type Description,
  decodeBody,
  decodeDescription,
  descriptionLength,
  fileName,
  PREFIX_BYTES,
} from './entry-file.js'

const NAME = /^[0-9a-f]{40}$/
/** Of bodies that wait for a slow disk; what comes on top is not written. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/**
 * The files of one cache, in a directory of their own. Writes and removals happen one after the other; what goes wrong
 * with them costs a file, and never an answer.
 */
export class DiskFiles {
  readonly #dir: string
  #work: Promise<unknown> = Promise.resolve()
  #waitingBytes = 0
  #closed = false

  /** @param dir absolute; made when it is not there */
  constructor(dir: string) {
    this.#dir = dir
  }

  /** What is there from before, oldest first. What is damaged or half-written is removed. */
  async read(): Promise<{ description: Description; file: string; size: number }[]> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    const found: { description: Description; file: string; size: number; at: number }[] = []
    for (const name of await readdir(this.#dir)) {
      const one = NAME.test(name) ? await this.#describe(name).catch(() => null) : null
      if (one === null) await rm(path.join(this.#dir, name), { force: true, recursive: true }).catch(() => {})
      else found.push({ ...one, file: name })
    }
    return found.sort((a, b) => a.at - b.at)
  }

  /** Settles when it is written, or was not; @returns whether it was */
  write(name: string, parts: readonly Buffer[]): Promise<boolean> {
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    if (this.#closed || this.#waitingBytes + bytes > MAX_WAITING_BYTES) return Promise.resolve(false)
    this.#waitingBytes += bytes
    return this.#inTurn(async () => {
      this.#waitingBytes -= bytes
      const temporary = path.join(this.#dir, `${name}.${randomBytes(6).toString('hex')}.tmp`)
      try {
        const handle = await open(temporary, 'wx', 0o600)
        await handle.writev(parts as Buffer[]).finally(() => handle.close())
        await rename(temporary, path.join(this.#dir, name))
        return true
      } catch {
        await rm(temporary, { force: true }).catch(() => {})
        return false
      }
    })
  }

  /** The body in a file; null when it is gone or damaged. */
  async body(name: string): Promise<Buffer | null> {
    try {
      return decodeBody(await readFile(path.join(this.#dir, name)), name)
    } catch {
      return null
    }
  }

  remove(name: string): void {
    if (this.#closed) return
    void this.#inTurn(() => rm(path.join(this.#dir, name), { force: true })).catch(() => {})
  }

  /** Settles when what was asked for so far is done. */
  async settled(): Promise<void> {
    await this.#work
  }

  /** Changes nothing any more but what was asked for. */
  close(): void {
    this.#closed = true
  }

  async #describe(name: string): Promise<{ description: Description; size: number; at: number } | null> {
    const file = path.join(this.#dir, name)
    const { size, mtimeMs } = await stat(file)
    const handle = await open(file, 'r')
    try {
      const prefix = Buffer.alloc(PREFIX_BYTES)
      await handle.read(prefix, 0, PREFIX_BYTES, 0)
      const length = descriptionLength(prefix)
      if (length === null) return null
      const text = Buffer.alloc(length)
      await handle.read(text, 0, length, PREFIX_BYTES)
      const description = decodeDescription(prefix, text)
      if (description === null || fileName(description) !== name) return null
      return size === PREFIX_BYTES + length + description.bytes ? { description, size, at: mtimeMs } : null
    } finally {
      await handle.close()
    }
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#work.then(task)
    this.#work = done.catch(() => {})
    return done
  }
}
