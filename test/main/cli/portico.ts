import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { until } from '../../support/wait.js'

/** The built command line, run as a user runs it. */
export const CLI = path.resolve(import.meta.dirname, '../../../out/main/cli.js')

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

type Child = ChildProcessByStdio<null, Readable, Readable>

/** A data directory and config file of its own, and everything that runs on them. */
export class Sandbox {
  readonly base: string
  readonly dataDir: string
  readonly configFile: string
  /** variables of the programs that are started from now on */
  readonly env: Record<string, string> = {}
  readonly #children: Child[] = []

  private constructor(base: string) {
    this.base = base
    this.dataDir = path.join(base, 'data')
    this.configFile = path.join(base, 'config.json')
  }

  static async make(): Promise<Sandbox> {
    return new Sandbox(await mkdtemp(path.join(tmpdir(), 'portico-cli-')))
  }

  /** Runs one command with this data directory to its end. */
  async run(...args: string[]): Promise<Outcome> {
    return finish(this.spawn(...args))
  }

  /** As `run`, with this config file as well. */
  async runWithConfig(...args: string[]): Promise<Outcome> {
    return this.run(...args, '--config', this.configFile)
  }

  spawn(...args: string[]): Child {
    const dashes = args.includes('--') ? args.indexOf('--') : args.length
    const words = args.toSpliced(dashes, 0, '--data-dir', this.dataDir)
    const child = spawn(process.execPath, [CLI, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.base,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, PORTICO_COMMAND: undefined, ...this.env },
    })
    this.#children.push(child)
    return child
  }

  /** Starts `serve` on free ports and resolves when it serves. */
  async serve(...args: string[]): Promise<Server> {
    const ports = args.includes('--https-port') ? [] : ['--https-port', '0', '--http-port', '0']
    const server = new Server(this.spawn('serve', '--config', this.configFile, ...ports, ...args))
    const said = () => `it serves: ${server.stdout}${server.stderr}`
    await until(() => server.stdout.includes('Certificates are signed'), said, 15_000)
    return server
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(this.base, { recursive: true, force: true })
  }
}

/** A running `portico serve` with what it has written so far. */
export class Server {
  stdout = ''
  stderr = ''
  readonly child: Child
  readonly ended: Promise<number | null>

  constructor(child: Child) {
    this.child = child
    child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
    this.ended = once(child, 'close').then(([code]) => code as number | null)
  }

  get httpsPort(): number {
    return Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(this.stdout)?.[1])
  }
}

/** Waits for a program to end by itself. */
export async function finish(child: Child): Promise<Outcome> {
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}
