import type { ChildProcess } from 'node:child_process'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { OutputStream } from './output/output-log.js'

/** What is run, and how: nothing is filled in any more. */
export interface SpawnPlan {
  program: string
  args: readonly string[]
  /** the whole environment */
  env: Readonly<Record<string, string>>
  cwd: string
  /** on Windows, the arguments are quoted already */
  verbatim: boolean
}

export interface ExitStatus {
  code: number | null
  signal: NodeJS.Signals | null
}

/** What was printed right before the end may still be on its way; others may hold the pipe open for ever. */
const LAST_OUTPUT_MS = 250

/** The program or its folder is not there, or may not be run: trying again would not help. */
export class NotRunnable extends Error {
  override readonly name = 'NotRunnable'
}

/** Starts children. Loaded with the first one: a gateway without processes does not need execa in its memory. */
export class Spawner {
  readonly #execa: Execa
  readonly #options: { detached: boolean; windowsHide: boolean }

  static async load(options: { detached: boolean; windowsHide: boolean }): Promise<Spawner> {
    const { execa } = await import('execa')
    return new Spawner(execa, options)
  }

  private constructor(execa: Execa, options: { detached: boolean; windowsHide: boolean }) {
    this.#execa = execa
    this.#options = options
  }

  /**
   * Starts a child, in this very moment: whoever stops the app before has it not started at all, whoever stops it after
   * finds it.
   *
   * @throws NotRunnable, or Error when the system has no room for another process
   */
  async spawn(plan: SpawnPlan, onSpawn: (child: AppChild) => void, onOutput: OnOutput): Promise<void> {
    const subprocess = this.#execa(plan.program, [...plan.args], {
      ...this.#options,
      cwd: plan.cwd,
      env: { ...plan.env },
      extendEnv: false,
      windowsVerbatimArguments: plan.verbatim,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      // The supervisor ends it, with all that it has started.
      cleanup: false,
    })
    if (subprocess.pid === undefined) throw await spawnFailure(await subprocess, plan)
    void subprocess.catch(() => {}) // told by its events
    onSpawn(new AppChild(subprocess.pid, subprocess, onOutput))
  }
}

type Execa = typeof import('execa').execa
/** @returns what to wait for before more is read of that stream */
type OnOutput = (stream: OutputStream, chunk: Buffer) => Promise<void> | null

interface Subprocess {
  stdout: Readable
  stderr: Readable
  nodeChildProcess: Pick<ChildProcess, 'once'>
}

/** One run of an app's process: the first of its group. */
export class AppChild {
  readonly pid: number
  /** the process itself has ended, and what it printed has arrived; others of its group may live on */
  readonly exited: Promise<ExitStatus>
  readonly #streams: readonly Readable[]

  constructor(pid: number, subprocess: Subprocess, onOutput: OnOutput) {
    const { stdout, stderr } = subprocess
    this.pid = pid
    this.#streams = [stdout, stderr]
    relay(stdout, (chunk) => onOutput('stdout', chunk))
    relay(stderr, (chunk) => onOutput('stderr', chunk))
    const closed = Promise.all(this.#streams.map(untilClosed))
    this.exited = new Promise<ExitStatus>((resolve) => {
      subprocess.nodeChildProcess.once('exit', (code, signal) => resolve({ code, signal }))
    }).then(async (exit) => {
      await atMost(LAST_OUTPUT_MS, closed)
      return exit
    })
  }

  /** Lets go of its output. */
  release(): void {
    for (const stream of this.#streams) stream.destroy()
  }
}

function relay(stream: Readable, onChunk: (chunk: Buffer) => Promise<void> | null): void {
  stream.on('data', (chunk: Buffer) => {
    const wait = onChunk(chunk)
    if (wait === null) return
    stream.pause()
    void wait.then(() => stream.resume())
  })
}

/** The system says ENOENT for a folder that is not there as well. */
async function spawnFailure(
  result: { code?: string | undefined; originalMessage?: string | undefined },
  plan: SpawnPlan,
): Promise<Error> {
  const { code = '', originalMessage = code } = result
  const folder = await stat(plan.cwd).catch(() => null)
  if (folder === null || !folder.isDirectory()) return new NotRunnable(`There is no folder ${plan.cwd} to run it in.`)
  if (code === 'ENOENT') return new NotRunnable(`The program "${plan.program}" was not found.`)
  const message = `"${plan.program}" could not be started: ${originalMessage}.`
  return ['EACCES', 'EPERM', 'ENOTDIR', 'ENOEXEC', 'E2BIG', 'ELOOP', 'ENAMETOOLONG'].includes(code)
    ? new NotRunnable(message)
    : new Error(message)
}

function untilClosed(stream: Readable): Promise<void> {
  stream.on('error', () => {}) // it is closed by this
  return new Promise((resolve) => stream.once('close', () => resolve()))
}

async function atMost(milliseconds: number, end: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([end, promise])
  clearTimeout(timer)
}
