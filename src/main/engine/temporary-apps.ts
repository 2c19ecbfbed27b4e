import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type App, appSchema } from '../../shared/config.js'
import { Fault } from '../../shared/fault.js'
import { writeAtomically } from './config/atomic-file.js'
import type { ProcessSystem } from './supervisor/process-system.js'

const LOOK_MS = 2_000
/** Whether a pid was given out anew is looked at less often than whether it is there: on Windows that starts a program. */
const BIRTH_LOOKS = 15

const storedSchema = z.strictObject({
  version: z.literal(1),
  apps: z.array(z.strictObject({ app: appSchema, pid: z.int(), birth: z.string() })),
})

/** An app as it was added, and the process that it is there for. */
type Temporary = z.output<typeof storedSchema>['apps'][number]

export interface TemporaryAppsOptions {
  /** absolute; what is remembered over a restart of the gateway */
  file: string
  log: Logger
  /** null where nothing is known of processes: then no app can be temporary */
  processes: Pick<ProcessSystem, 'find'> | null
  /** the apps as they are now */
  apps(): readonly App[]
  remove(name: string): Promise<void>
  lookMs?: number
}

/**
 * Apps that are there as long as a process lives. When it has ended without having removed its app, the app is removed,
 * unless somebody has changed it since: then it is theirs. There is a timer only while there are such apps.
 */
export class TemporaryApps {
  readonly #options: TemporaryAppsOptions
  #apps: Temporary[]
  #timer: NodeJS.Timeout | null = null
  #looks = 0
  #failing = false
  #closed = false
  /** looks and additions, one after the other */
  #turn: Promise<unknown> = Promise.resolve()

  /** Reads what was kept. When the file cannot be read, its apps stay for good. */
  static async open(options: TemporaryAppsOptions): Promise<TemporaryApps> {
    return new TemporaryApps(options, await readStored(options))
  }

  private constructor(options: TemporaryAppsOptions, apps: Temporary[]) {
    this.#options = options
    this.#apps = apps
  }

  /**
   * Adds an app for as long as a process lives.
   *
   * @param add puts it among the apps
   * @throws Fault `bad-request` when there is no such process, `conflict` when another one has an app of this name
   */
  add(app: App, pid: number, add: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#removeOrphans('by birth')
      const owner = this.ownerOf(app.name)
      if (owner !== null) throw takenBy(app.name, owner)
      if (this.#options.apps().some(({ name }) => name === app.name)) return add() // which refuses it
      const birth = await this.#birthOf(pid)
      if (birth === null) throw new Fault('bad-request', `There is no process ${pid} that the app could be there for.`)
      // Kept first: an app that is there and not kept would stay for ever.
      await this.#keep([...this.#apps, { app, pid, birth }])
      try {
        await add()
      } catch (refusal) {
        await this.#keep(this.#apps.filter((one) => one.app !== app))
        throw refusal
      }
      this.#schedule()
    })
  }

  /** The process that an app is there for; null for one that is there for good. */
  ownerOf(name: string): number | null {
    const found = this.#apps.find(({ app }) => app.name === name)
    return found !== undefined && this.#isAsAdded(found) ? found.pid : null
  }

  /** Removes the apps whose process has ended, now and from now on. Never rejects. */
  look(): Promise<void> {
    const every = this.#looks++ % BIRTH_LOOKS === 0 ? 'by birth' : 'by pid'
    return this.#inTurn(() => this.#removeOrphans(every))
      .then(() => {
        this.#failing = false
      })
      .catch((err) => {
        // Such as a config file that is not valid for now: it is tried again, and said once.
        if (!this.#failing) this.#options.log.warn({ err }, 'apps whose process has ended could not be removed')
        this.#failing = true
      })
      .finally(() => this.#schedule())
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#turn.catch(() => undefined) // told to who asked
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#closed || this.#apps.length === 0) return
    this.#timer = setTimeout(() => void this.look(), this.#options.lookMs ?? LOOK_MS).unref()
  }

  async #removeOrphans(how: 'by birth' | 'by pid'): Promise<void> {
    const wanted = this.#apps.filter((one) => this.#isAsAdded(one))
    const orphans = new Set(await this.#orphansAmong(wanted, how))
    for (const { app, pid } of this.#closed ? [] : orphans) {
      await this.#options.remove(app.name)
      this.#options.log.info({ app: app.name, pid }, 'removed an app whose process has ended')
    }
    const left = wanted.filter((one) => this.#closed || !orphans.has(one))
    if (left.length < this.#apps.length) await this.#keep(left)
  }

  async #orphansAmong(apps: readonly Temporary[], how: 'by birth' | 'by pid'): Promise<Temporary[]> {
    const gone = apps.filter(({ pid }) => !isThere(pid))
    const rest = apps.filter((one) => !gone.includes(one))
    const { processes } = this.#options
    if (how === 'by pid' || processes === null || rest.length === 0) return gone
    const births = new Map((await processes.find(rest.map(({ pid }) => pid))).map(({ pid, birth }) => [pid, birth]))
    return [...gone, ...rest.filter(({ pid, birth }) => births.get(pid) !== birth)]
  }

  #isAsAdded({ app }: Temporary): boolean {
    const now = this.#options.apps().find(({ name }) => name === app.name)
    return now !== undefined && isDeepStrictEqual(withoutSwitches(now), withoutSwitches(app))
  }

  async #birthOf(pid: number): Promise<string | null> {
    const found = (await this.#options.processes?.find([pid]))?.[0]
    return found?.birth ?? null
  }

  async #keep(apps: Temporary[]): Promise<void> {
    this.#apps = apps
    const text = JSON.stringify({ version: 1, apps } satisfies z.input<typeof storedSchema>, null, 2)
    await writeAtomically(this.#options.file, `${text}\n`, { mode: 0o600 })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work)
    this.#turn = turn
    return turn
  }
}

/** Being switched off and on, and going wrong on purpose, change nothing about whose it is. */
function withoutSwitches({ enabled: _, policies, ...app }: App): App {
  const { faults: __, ...rest } = policies ?? {}
  return { ...app, policies: rest }
}

async function readStored({ file, log }: TemporaryAppsOptions): Promise<Temporary[]> {
  try {
    return storedSchema.parse(JSON.parse(await readFile(file, 'utf8'))).apps
  } catch (err) {
    const missing = (err as NodeJS.ErrnoException).code === 'ENOENT'
    if (!missing) log.warn({ err, file }, 'the temporary apps could not be read')
    return []
  }
}

/** Signal 0 only asks. Of a process of another user it is refused, which tells the same. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function takenBy(name: string, pid: number): Fault {
  return new Fault(
    'conflict',
    `The app "${name}" is there for the process ${pid}, which still runs.`,
    'End that one first, or choose another name.',
  )
}
