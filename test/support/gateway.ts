import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { Engine, type EngineOptions } from '../../src/main/engine/engine.js'
import type { ConfigFile } from '../../src/shared/config.js'
import type { ExchangeEntry } from '../../src/shared/contract.js'
import { until } from './wait.js'

export type TestConfig = Partial<ConfigFile>

/** An engine of its own in a temporary directory, on free ports of both loopback addresses. */
export interface TestGateway {
  readonly engine: Engine
  readonly httpsPort: number
  readonly httpPort: number
  /** certificate of the local CA */
  readonly ca: string
  readonly caFile: string
  readonly dataDir: string
  readonly configFile: string
  /** every access-log entry so far, oldest first */
  entries(): ExchangeEntry[]
  /** the entry of the one request with this path, once it has been written */
  entry(path: string): Promise<ExchangeEntry>
  /** Writes the config file as a person would, and resolves when it is served. */
  configure(config: TestConfig): Promise<void>
  /** Stops; throws when an exchange is still in progress although every client has gone. */
  stop(): Promise<void>
}

/** What a client needs to know of a gateway, in this process or another. */
export type Reachable = Pick<TestGateway, 'httpsPort' | 'ca'>

const ENDS_BY_ITSELF_MS = 4_000

export async function startGateway(config: TestConfig, options: Partial<EngineOptions> = {}): Promise<TestGateway> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-gateway-'))
  const configFile = path.join(dataDir, 'config.json')
  await writeConfig(configFile, config)
  const engine = await Engine.start({
    dataDir,
    configFile,
    overrides: { bind: ['127.0.0.1', '::1'], https: 0, http: 0 },
    version: '0',
    log: pino({ level: 'silent' }),
    ...options,
  })
  const entries: ExchangeEntry[] = []
  engine.on('exchange', (entry) => entries.push(entry))
  const { pem: ca, file: caFile } = await engine.call('ca.info', {})
  const port = (protocol: string) => engine.status().listeners.find((one) => one.protocol === protocol)?.port ?? 0
  return {
    engine,
    httpsPort: port('https'),
    httpPort: port('http'),
    ca,
    caFile,
    dataDir,
    configFile,
    entries: () => entries,
    entry: async (wanted) => {
      await until(() => entries.some((entry) => entry.path === wanted), `an access-log entry for ${wanted}`)
      return entries.find((entry) => entry.path === wanted) as ExchangeEntry
    },
    configure: async (next) => {
      await writeConfig(configFile, next)
      await engine.call('config.reload', {})
    },
    stop: async () => {
      const begun = performance.now()
      await engine.stop({ drainMs: ENDS_BY_ITSELF_MS })
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 }) // a launch that was given up may still write
      if (performance.now() - begun >= ENDS_BY_ITSELF_MS) throw new Error('an exchange never ended')
    },
  }
}

async function writeConfig(file: string, config: TestConfig): Promise<void> {
  await writeFile(file, JSON.stringify({ version: 1, ...config }, null, 2))
}
