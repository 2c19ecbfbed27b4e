import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { within } from './wait.js'

const NODE_SERVER = `
  const [host] = process.argv.slice(1)
  const server = require('node:http').createServer((_, response) => response.end('hello'))
  server.listen(0, host, () => console.log('port ' + server.address().port))
`
const PYTHON_SERVER = ['-u', '-m', 'http.server', '0', '--bind']

/** Processes of their own that listen in folders of their own, as dev servers do. */
export class Listeners {
  readonly base: string
  readonly #children: ChildProcess[] = []

  private constructor(base: string) {
    this.base = base
  }

  static async make(): Promise<Listeners> {
    return new Listeners(await realpath(await mkdtemp(path.join(tmpdir(), 'portico-listeners-'))))
  }

  /** Writes files of a project and returns its folder. */
  async project(name: string, files: Record<string, string> = {}): Promise<string> {
    const folder = path.join(this.base, name)
    await mkdir(folder, { recursive: true })
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
      await writeFile(path.join(folder, file), text)
    }
    return folder
  }

  /** An HTTP server under Node on a free port of an address. */
  async node(folder: string, address: string): Promise<{ port: number; pid: number; end(): Promise<void> }> {
    return this.#spawn(process.execPath, ['-e', NODE_SERVER, address], folder)
  }

  /** `python3 -m http.server` on a free port of an address. */
  async python(folder: string, address: string): Promise<{ port: number; pid: number; end(): Promise<void> }> {
    return this.#spawn('python3', [...PYTHON_SERVER, address], folder)
  }

  async close(): Promise<void> {
    for (const child of this.#children) await end(child)
    await rm(this.base, { recursive: true, force: true })
  }

  async #spawn(program: string, words: string[], cwd: string) {
    const child = spawn(program, words, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.push(child)
    const lines = createInterface(child.stdout)
    const [line] = (await within(once(lines, 'line'), `${program} listens`, 10_000)) as [string]
    lines.close()
    child.stdout.resume()
    return { port: Number(/port (\d+)/.exec(line)?.[1]), pid: child.pid as number, end: () => end(child) }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
