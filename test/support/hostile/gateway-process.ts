import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { buildNeeded } from '../../../scripts/build-state.js'
import { statusSchema } from '../../../src/shared/contract.js'
import type { TestConfig } from '../gateway.js'
import { until } from '../wait.js'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const CLI = path.join(ROOT, 'out/main/cli.js')
const BUILD_MS = 60_000
const run = promisify(execFile)

/** The built command line's `serve` in a process of its own, as users run it. */
export interface GatewayProcess {
  readonly pid: number
  readonly httpsPort: number
  readonly httpPort: number
  readonly ca: string
  readonly caFile: string
  /** what it has written to standard error */
  stderr(): string
  alive(): boolean
  /** resident memory in MB; Linux only */
  rss(): Promise<number>
  /** open file descriptors; Linux only */
  descriptors(): Promise<number>
  /** asks it to stop, and resolves with its exit code and the time that took */
  terminate(deadlineMs?: number): Promise<{ code: number | null; ms: number }>
  /** ends it at once and removes its directory */
  dispose(): Promise<void>
}

/** @param prefix a command to run it under, as `['prlimit', '--nofile=64']` */
export async function startGatewayProcess(config: TestConfig, prefix: string[] = []): Promise<GatewayProcess> {
  await ensureBuilt()
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-hostile-'))
  const configFile = path.join(dataDir, 'config.json')
  await writeFile(configFile, JSON.stringify({ version: 1, listen: { bind: ['127.0.0.1'] }, ...config }))
  const [program = process.execPath, ...rest] = [...prefix, process.execPath, CLI]
  const args = ['serve', '--config', configFile, '--data-dir', dataDir, '--https-port', '0', '--http-port', '0']
  const child = spawn(program, [...rest, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const alive = () => child.exitCode === null && child.signalCode === null
  await until(
    () => output.includes('is running') || !alive(),
    () => `the gateway runs: ${output}${errors}`,
    15_000,
  )
  if (!alive()) throw new Error(`the gateway did not start: ${errors}`)
  const { stdout } = await run(process.execPath, [CLI, 'status', '--json', '--data-dir', dataDir], { timeout: 15_000 })
  const { pid, listeners, caFile } = statusSchema.parse(JSON.parse(stdout))
  const port = (protocol: string) => listeners.find((listener) => listener.protocol === protocol)?.port ?? 0
  return {
    pid,
    httpsPort: port('https'),
    httpPort: port('http'),
    ca: await readFile(caFile, 'utf8'),
    caFile,
    stderr: () => errors,
    alive,
    rss: async () => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    descriptors: async () => (await readdir(`/proc/${pid}/fd`)).length,
    terminate: (deadlineMs = 15_000) => terminate(child, deadlineMs),
    dispose: async () => {
      if (alive()) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function terminate(child: ChildProcess, deadlineMs: number): Promise<{ code: number | null; ms: number }> {
  const start = performance.now()
  child.kill('SIGTERM')
  await until(() => child.exitCode !== null || child.signalCode !== null, 'the gateway has exited', deadlineMs)
  return { code: child.exitCode, ms: performance.now() - start }
}

/** `npm test` has built already; a test file run by itself builds when the sources are newer, one process at a time. */
async function ensureBuilt(): Promise<void> {
  if (!buildNeeded(ROOT)) return
  const lock = path.join(os.tmpdir(), 'portico-test-build.lock')
  const mine = await mkdir(lock).then(
    () => true,
    () => false,
  )
  if (!mine) return until(() => !buildNeeded(ROOT), 'another test has built the command line', BUILD_MS)
  try {
    await run(path.join(ROOT, 'node_modules/.bin/electron-vite'), ['build', '--logLevel', 'warn'], {
      cwd: ROOT,
      timeout: BUILD_MS,
    })
  } finally {
    await rmdir(lock)
  }
}
