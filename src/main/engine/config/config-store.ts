import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Config, ConfigFile } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { formatProblem } from '../../../shared/problems.js'
import { writeAtomically } from './atomic-file.js'
import { invalidAtStart, invalidEdit, lockedByInvalidFile, unreadableAtStart } from './config-faults.js'
import type { ConfigLog } from './config-log.js'
import { type ParsedConfig, parseConfig } from './parse-config.js'
import { createDefaultConfig, tidyConfigFolder } from './prepare-config.js'
import { type ConfigOnDisk, isGood, problemsIn, readConfigFile, signatureOf } from './read-config-file.js'
import { rewriteJson } from './rewrite-json.js'
import { type FileWatch, watchFile } from './watch-file.js'

export interface ConfigError {
  /** one sentence */
  message: string
  problems: Problem[]
}

export type ConfigChange = { config: Config } | { error: ConfigError }

interface GoodConfig {
  config: Config
  document: ConfigFile
  text: string
}

/** What is wrong must look the same twice, this many ms apart: it may be a save that is under way. */
const SETTLE_MS = 250
const MAX_LOOKS = 6
const MAX_EDIT_ATTEMPTS = 5

/**
 * The one owner of the config file: the last config that was valid, and why the file on disk is not it. Every look at
 * the file and every write goes through one queue, so that they never overtake each other.
 */
export class ConfigStore {
  readonly file: string
  readonly #log: ConfigLog
  readonly #listeners = new Set<(change: ConfigChange) => void>()
  #good: GoodConfig
  #error: ConfigError | null = null
  #seen: string
  #queue: Promise<unknown> = Promise.resolve()
  #watch: FileWatch | null = null
  #closed = false

  /**
   * Reads and watches the file; makes a default one (0600, its folder 0700) where there is none.
   * @throws Fault config-invalid with every problem, config-unreadable, config-unwritable; the file stays as it is
   */
  static async open(options: { file: string; log: ConfigLog }): Promise<ConfigStore> {
    const file = path.resolve(options.file)
    let disk = await readConfigFile(file)
    if (disk.state === 'missing') {
      await createDefaultConfig(file, options.log)
      disk = await readConfigFile(file)
    }
    if (disk.state !== 'read') throw unreadableAtStart(file, disk)
    if (!disk.parsed.ok) throw await invalidAtStart(file, disk.parsed.problems)
    await tidyConfigFolder(file, disk.parsed.document, options.log)
    const store = new ConfigStore(file, options.log, { ...disk.parsed, text: disk.text }, signatureOf(disk))
    await store.#startWatching()
    return store
  }

  private constructor(file: string, log: ConfigLog, good: GoodConfig, seen: string) {
    this.file = file
    this.#log = log
    this.#good = good
    this.#seen = seen
  }

  /** The last config that was valid. */
  get current(): Config {
    return this.#good.config
  }

  /** The last valid config as the file has it: nothing filled in. */
  get document(): ConfigFile {
    return this.#good.document
  }

  /** Why the file as it is on disk is not the one in use; null when it is. */
  get error(): ConfigError | null {
    return this.#error
  }

  /**
   * Calls the listener after each hand edit, reload and edit: with the config that is now in use, or with what keeps
   * the file from being it. Returns the function that ends the subscription.
   */
  onChange(listener: (change: ConfigChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Changes the file: reads it afresh, applies `change` to a copy of the document as it is written there, validates,
   * and saves atomically with a backup. When the file changes under way, it starts again from the new content, so
   * `change` may be called more than once. A Fault that `change` throws is passed on.
   * @throws Fault config-invalid when the result, or the file as it is on disk, is not valid; config-unwritable;
   *   conflict when the file never comes to rest
   */
  edit(change: (document: ConfigFile) => ConfigFile): Promise<Config> {
    return this.#enqueue(async () => {
      for (let attempt = 0; attempt < MAX_EDIT_ATTEMPTS; attempt++) {
        const saved = await this.#tryEdit(change)
        if (saved !== null) return saved
      }
      throw new Fault('conflict', `${this.file} keeps changing while it is edited.`, 'Try again in a moment.')
    })
  }

  /** Reads the file now and puts it in use when it is valid; listeners are told either way. */
  reload(): Promise<ParsedConfig> {
    return this.#enqueue(async () => {
      const disk = await this.#look()
      this.#take(disk)
      if (disk.state === 'read') return disk.parsed
      return { ok: false, problems: problemsIn(disk) }
    })
  }

  /** Stops watching and waits for writes under way. Later calls of `edit` and `reload` are refused. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#watch?.close()
    await this.#queue
    this.#listeners.clear()
  }

  async #startWatching(): Promise<void> {
    const look = () => {
      if (!this.#closed) void this.#enqueue(() => this.#takeIfNew())
    }
    this.#watch = await watchFile(this.file, look, (error) => {
      this.#log.warn({ err: error, file: this.file }, 'the config file can not be watched, so it is polled')
    })
    // It may have been edited between the first read and the first watch.
    await this.#enqueue(() => this.#takeIfNew())
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Fault('not-running', 'The config file is closed.', 'Start Portico.'))
    const result = this.#queue.then(work)
    // Whoever asked hears of a failure; the queue only has to go on after it.
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  async #takeIfNew(): Promise<void> {
    if (signatureOf(await readConfigFile(this.file)) === this.#seen) return
    const disk = await this.#look()
    if (signatureOf(disk) !== this.#seen) this.#take(disk)
  }

  /** The file as it is on disk, once it is valid or has stopped changing. */
  async #look(): Promise<ConfigOnDisk> {
    let disk = await readConfigFile(this.file)
    for (let looks = 1; looks < MAX_LOOKS && !isGood(disk); looks++) {
      await delay(SETTLE_MS)
      const again = await readConfigFile(this.file)
      if (signatureOf(again) === signatureOf(disk)) break
      disk = again
    }
    return disk
  }

  async #tryEdit(change: (document: ConfigFile) => ConfigFile): Promise<Config | null> {
    const disk = await this.#look()
    // A file that was deleted is made again from the last good one: nothing is overwritten by that.
    if (disk.state !== 'missing' && !isGood(disk)) {
      if (signatureOf(disk) !== this.#seen) this.#take(disk)
      throw lockedByInvalidFile(this.file, problemsIn(disk))
    }
    if (isGood(disk) && signatureOf(disk) !== this.#seen) this.#take(disk)
    const base = this.#good
    const next = JSON.parse(JSON.stringify(change(structuredClone(base.document)))) as ConfigFile
    if (disk.state === 'read' && isDeepStrictEqual(next, base.document)) return base.config
    const text = rewriteJson(base.text, next)
    const parsed = parseConfig(text)
    if (!parsed.ok) throw invalidEdit(parsed.problems)
    const saved = await writeAtomically(this.file, text, {
      backup: true,
      stillWanted: async () => signatureOf(await readConfigFile(this.file)) === signatureOf(disk),
    })
    if (!saved) return null
    this.#take({ state: 'read', text, content: Buffer.from(text), parsed })
    return this.current
  }

  #take(disk: ConfigOnDisk): void {
    this.#seen = signatureOf(disk)
    if (isGood(disk)) {
      this.#good = { ...disk.parsed, text: disk.text }
      this.#error = null
      this.#log.info({ file: this.file, apps: this.current.apps.length }, 'config in use')
      this.#tell({ config: this.current })
      return
    }
    const problems = problemsIn(disk)
    const message = `${this.file} ${disk.state === 'missing' ? 'is gone' : 'is not valid'}; the last good config stays in use.`
    this.#error = { message, problems }
    this.#log.warn(
      { file: this.file, problems: problems.map(formatProblem) },
      'config refused; the last good one serves',
    )
    this.#tell({ error: this.#error })
  }

  #tell(change: ConfigChange): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(change)
      } catch (error) {
        this.#log.error({ err: error }, 'a listener of the config failed')
      }
    }
  }
}
