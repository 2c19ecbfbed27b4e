import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../shared/fault.js'
import type { Platform } from '../../platform/platform.js'
import { holdsLock, type LockRecord, lockRecordSchema, processStart, seeHolder } from './lock-holder.js'
import { canonicalDir, ensurePrivateDir } from './private-dir.js'
import { isAnswering } from './probe.js'

export interface InstanceLockOptions {
  dataDir: string
  platform: Platform
  /** name of the endpoint at which the owner answers; that of an engine unless told */
  endpoint?: string | undefined
}

interface Generation {
  number: number
  /** null when the file cannot be read as a record */
  record: LockRecord | null
}

const MAX_ATTEMPTS = 50
const HALF_WRITTEN_MS = 2_000

/**
 * One engine per data directory. The lock is the highest-numbered file in `<data-dir>/lock`, which names its owner.
 * Taking over a dead owner's lock means making the next number, exclusively: of any that try at once only one can,
 * and since the highest number is never removed, one that looked long ago cannot make a number that counts.
 */
export class InstanceLock {
  readonly #file: string
  readonly #record: LockRecord

  private constructor(file: string, record: LockRecord) {
    this.#file = file
    this.#record = record
  }

  /**
   * Takes the data directory for this process, making it when needed.
   *
   * @throws Fault `already-running`, naming the pid, when another engine (or this process) has it
   */
  static async acquire({ dataDir, platform, endpoint }: InstanceLockOptions): Promise<InstanceLock> {
    const directory = path.join(await ensurePrivateDir(dataDir, platform), 'lock')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const record = { pid: process.pid, started: await processStart(process.pid), at: Date.now(), released: false }
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const newest = await newestGeneration(directory)
      await refuseIfHeld(newest, { dataDir, platform, endpoint })
      const number = newest.number + 1
      if (!(await claim(directory, number, record))) continue
      if ((await newestGeneration(directory)).number === number) {
        await removeOlder(directory, number)
        return new InstanceLock(path.join(directory, String(number)), record)
      }
      await rm(path.join(directory, String(number)), { force: true })
    }
    throw new Fault('already-running', 'Portico is being started over and over with this data directory.', 'Try again.')
  }

  /** Lets the next one in. Not calling it, as when the process is killed, has the same effect a little later. */
  async release(): Promise<void> {
    const temporary = `${this.#file}.${randomUUID()}`
    await writeFile(temporary, JSON.stringify({ ...this.#record, released: true }), { mode: 0o600 })
    await rename(temporary, this.#file)
  }
}

/** The pid of the engine that has the data directory, or null. */
export async function findHolder({ dataDir, platform }: InstanceLockOptions): Promise<number | null> {
  const { record } = await newestGeneration(path.join(await canonicalDir(dataDir), 'lock'))
  if (record === null) return null
  const sight = await seeHolder(record, () => isAnswering(dataDir, platform))
  return holdsLock(record, sight) ? record.pid : null
}

async function newestGeneration(directory: string): Promise<Generation> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const number = Math.max(0, ...names.filter((name) => /^\d+$/.test(name)).map(Number))
  return { number, record: number === 0 ? null : await readRecord(path.join(directory, String(number))) }
}

async function refuseIfHeld(
  { record }: Generation,
  { dataDir, platform, endpoint }: InstanceLockOptions,
): Promise<void> {
  if (record === null) return
  if (!holdsLock(record, await seeHolder(record, () => isAnswering(dataDir, platform, endpoint)))) return
  throw new Fault(
    'already-running',
    `Portico is already running with the data directory ${dataDir} (process ${record.pid}).`,
    'Stop it with: portico stop, or use another data directory with --data-dir.',
  )
}

/**
 * Makes the numbered file with its content in one step: a link to a finished file. False when another was first.
 * Where the file system has no links the file is made exclusively and then written.
 */
async function claim(directory: string, number: number, record: LockRecord): Promise<boolean> {
  const file = path.join(directory, String(number))
  const temporary = `${file}.${randomUUID()}`
  const text = JSON.stringify(record)
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await link(temporary, file)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'].includes(code ?? '')) throw unwritable(error)
    return await claimWithoutLinks(file, text)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function claimWithoutLinks(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw unwritable(error)
  }
}

/** A record that is being written is waited for; one that never was finished, or has gone, is nobody's. */
async function readRecord(file: string): Promise<LockRecord | null> {
  for (;;) {
    const [text, stats] = await Promise.all([readFile(file, 'utf8').catch(() => ''), stat(file).catch(() => null)])
    const parsed = lockRecordSchema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    if (stats === null || Date.now() - stats.mtimeMs > HALF_WRITTEN_MS) return null
    await delay(20)
  }
}

async function removeOlder(directory: string, number: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (Number.parseInt(name, 10) < number) await rm(path.join(directory, name), { force: true })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unwritable(cause: unknown): Fault {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new Fault(
    'config-unwritable',
    `The data directory cannot be written: ${reason}.`,
    'Free some space or choose another directory with --data-dir.',
    { cause },
  )
}
