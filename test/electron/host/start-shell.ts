import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { ConfigFile } from '../../../src/shared/config.js'
import type { Host } from './run.js'

/** The desktop app as built, in a process and with folders of its own, its window a page of Chromium. */
export interface HostedShell {
  /** what the app wrote to its terminal */
  output(): string
  /** Runs a function, which may use nothing from around it, in the page's own world. */
  inPage<T, A = undefined>(run: (argument: A) => T | Promise<T>, argument?: A): Promise<T>
  /** The same in the process of the shell, beside the double of Electron. */
  inShell<T, A = undefined>(run: (host: Host, argument: A) => T | Promise<T>, argument?: A): Promise<T>
  /** resolves to the exit code of the app */
  readonly exited: Promise<number | null>
  readonly folder: string
  /** Ends what is left and removes the folders. */
  dispose(): Promise<void>
}

const END_MS = 5_000

/** @param prepare may put files into the app's folders before it starts */
export async function startShell(
  apps: ConfigFile['apps'] = [],
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<HostedShell> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-shell-'))
  await mkdir(path.join(folder, 'config/portico'), { recursive: true })
  const config = { version: 1, listen: { https: 0, http: 0 }, apps }
  await writeFile(path.join(folder, 'config/portico/config.json'), JSON.stringify(config))
  await prepare(folder)
  const env = {
    ...process.env,
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_DATA_HOME: path.join(folder, 'data'),
    XDG_STATE_HOME: path.join(folder, 'state'),
  }
  const child = fork(path.join(import.meta.dirname, 'run.ts'), [], {
    env,
    execArgv: [],
    stdio: 'pipe',
    serialization: 'advanced',
  })
  return hosted(child, folder)
}

function hosted(child: ChildProcess, folder: string): HostedShell {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  const open = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  let lastId = 0
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    if (error === undefined) open.get(id)?.resolve(value as never)
    else open.get(id)?.reject(new Error(error))
    open.delete(id)
  })
  const exited = once(child, 'exit').then(([code]) => {
    for (const { reject } of open.values()) reject(new Error(`the app has ended:\n${output}`))
    return code as number | null
  })
  const send = <T>(where: 'page' | 'shell', run: unknown, argument: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error(`the app has ended:\n${output}`))
      open.set(++lastId, { resolve, reject })
      child.send({ id: lastId, where, source: String(run), argument })
    })
  return {
    output: () => output,
    inPage: (run, argument) => send('page', run, argument),
    inShell: (run, argument) => send('shell', run, argument),
    exited,
    folder,
    dispose: async () => {
      const quit = ({ electron }: Host) => electron.app.quit()
      if (child.connected) void send('shell', quit, undefined).catch(() => {}) // it ends before it answers
      const insist = setTimeout(() => child.kill('SIGKILL'), END_MS)
      await exited
      clearTimeout(insist)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
