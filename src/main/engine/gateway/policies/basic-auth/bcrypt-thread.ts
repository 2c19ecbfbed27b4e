import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const IDLE_MS = 60_000

interface Question {
  resolve(matches: boolean): void
  reject(error: unknown): void
}

/** bcrypt is plain JavaScript and takes a tenth of a second: in a thread of its own it stalls no traffic. */
export class BcryptThread {
  #worker: Promise<Worker> | null = null
  readonly #asked = new Map<number, Question>()
  #nextId = 0
  #idle: NodeJS.Timeout | null = null
  #closed = false

  async matches(password: string, hash: string): Promise<boolean> {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const id = this.#nextId++
    this.#asked.set(id, { resolve, reject })
    this.#worker ??= this.#start()
    this.#worker.then(
      (worker) => worker.postMessage({ id, password, hash }),
      (error: unknown) => this.#fail(error),
    )
    return promise
  }

  /** Ends the thread when it has answered what it was asked. */
  close(): void {
    this.#closed = true
    if (this.#asked.size === 0) this.#end()
  }

  #end(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    const ending = this.#worker
    this.#worker = null
    ending?.then((worker) => worker.removeAllListeners('exit').terminate()).catch(() => undefined)
  }

  async #start(): Promise<Worker> {
    // As text, for a packed app's files are no modules to a thread.
    const library = await readFile(createRequire(import.meta.url).resolve('bcryptjs'), 'utf8')
    const worker = new Worker(`${library}\n${ANSWERING}`, { eval: true })
    worker.unref()
    worker.on('message', ({ id, matches, error }: { id: number; matches: boolean; error: string | null }) => {
      const question = this.#asked.get(id)
      this.#asked.delete(id)
      if (error === null) question?.resolve(matches)
      else question?.reject(new Error(error))
      if (this.#asked.size > 0) return
      if (this.#closed) this.#end()
      else this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref()
    })
    worker.on('error', (error) => this.#fail(error))
    worker.on('exit', () => this.#fail(new Error('the thread for bcrypt has ended')))
    return worker
  }

  #fail(error: unknown): void {
    this.#worker = null
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
  }
}

const ANSWERING = `
const bcrypt = module.exports.default ?? module.exports
const { parentPort } = require('node:worker_threads')
parentPort.on('message', ({ id, password, hash }) => {
  try {
    parentPort.postMessage({ id, matches: bcrypt.compareSync(password, hash), error: null })
  } catch (error) {
    parentPort.postMessage({ id, matches: false, error: String(error) })
  }
})`
