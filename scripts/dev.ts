import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolveConfig } from 'electron-vite'
import { build, type InlineConfig, mergeConfig, type Plugin } from 'vite'
import { exitCode, projectEnv, ROOT, startNode } from './run-step.ts'

/**
 * `npm run dev`: keeps the main process's bundles up to date with the sources and restarts the gateway with each new
 * one. `npm run dev -- --https-port 4443`
 */

/** electron-vite's own watch mode starts Electron; its config works as well with vite's. */
class DevServer {
  readonly #args: string[]
  #gateway: ChildProcess | null = null
  #queue: Promise<void> = Promise.resolve()
  #ending = false

  constructor(args: string[]) {
    this.#args = args
  }

  /** Restarts come one after another, whatever the pace of the builds. */
  restart(): void {
    this.#queue = this.#queue.then(async () => {
      await this.#stop()
      if (!this.#ending) this.#start()
    })
  }

  async end(): Promise<void> {
    this.#ending = true
    await this.#queue
    await this.#stop()
  }

  #start(): void {
    const env = projectEnv({ PORTICO_COMMAND: 'npx portico' })
    const gateway = startNode(['out/main/cli.js', 'serve', ...this.#args], { env, detached: WINDOWS === false })
    this.#gateway = gateway
    void exitCode(gateway).then((code) => {
      if (this.#gateway !== gateway) return
      this.#gateway = null
      console.log(`The gateway has ended with code ${code}; it is started again after the next change.`)
    })
  }

  async #stop(): Promise<void> {
    const gateway = this.#gateway
    this.#gateway = null
    if (gateway === null || gateway.exitCode !== null || gateway.signalCode !== null) return
    const ended = once(gateway, 'exit')
    gateway.kill('SIGTERM')
    // Hot-reload connections stay open for as long as they may: nobody waits for them here.
    const insist = setTimeout(() => gateway.kill('SIGTERM'), DRAIN_MS)
    await ended
    clearTimeout(insist)
  }
}

const WINDOWS = process.platform === 'win32'
const DRAIN_MS = 500

await develop(process.argv.slice(2))

async function develop(args: string[]): Promise<void> {
  const server = new DevServer(args)
  const { config } = await resolveConfig({ root: ROOT, logLevel: 'warn' }, 'build', 'development')
  if (config?.main === undefined) throw new Error('electron.vite.config.ts has no "main"')
  const watching = await build(
    mergeConfig(config.main, {
      root: ROOT,
      configFile: false,
      logLevel: 'warn',
      plugins: [afterEachBundle(() => server.restart())],
      build: { watch: {}, minify: false },
    } satisfies InlineConfig),
  )
  let ended = false
  const end = async () => {
    if (ended) return
    ended = true
    if ('close' in watching) await watching.close()
    await server.end()
    process.exit()
  }
  process.on('SIGINT', end).on('SIGTERM', end)
}

function afterEachBundle(built: () => void): Plugin {
  return { name: 'portico:restart', writeBundle: () => built() }
}
