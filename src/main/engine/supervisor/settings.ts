import type { App } from '../../../shared/config.js'
import { optionalDurationMs } from '../../../shared/duration.js'
import { compileHealth, type HealthCheck } from '../gateway/upstream-target.js'

export type { HealthCheck } from '../gateway/upstream-target.js'

/** An app's process, compiled from the config: paths absolute, durations in milliseconds, every default filled in. */
export interface ProcessSettings {
  app: string
  command: string | readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  envFiles: readonly string[]
  /** null: a free one is leased at each start, the former one again when it is free */
  port: number | null
  injectPort: boolean
  start: 'boot' | 'request' | 'manual'
  startTimeoutMs: number
  readyWhen: RegExp | null
  health: HealthCheck | null
  idleStopMs: number | null
  dependsOn: readonly string[]
  watch: readonly string[]
  stopSignal: NodeJS.Signals
  stopTimeoutMs: number
  outputFile: string | null
}

const DEFAULT_START_TIMEOUT_MS = 15_000
const DEFAULT_STOP_TIMEOUT_MS = 10_000

/**
 * Fills in what the config leaves out.
 *
 * @param app with its paths made absolute
 * @param defaultCwd where it runs when it names no folder: that of the config file
 * @returns null for an app without a process
 */
export function compileProcess(app: App, defaultCwd: string): ProcessSettings | null {
  const { process } = app
  if (process === undefined) return null
  const { command, env = {}, envFile = [], port = 'auto', start = 'boot', readyWhen, health } = process
  return {
    app: app.name,
    command,
    cwd: process.cwd ?? defaultCwd,
    env,
    envFiles: typeof envFile === 'string' ? [envFile] : envFile,
    port: port === 'auto' ? null : port,
    injectPort: process.injectPort ?? true,
    start,
    startTimeoutMs: optionalDurationMs(process.startTimeout) ?? DEFAULT_START_TIMEOUT_MS,
    readyWhen: readyWhen === undefined ? null : new RegExp(readyWhen, 'u'),
    health: health === undefined ? null : compileHealth(health),
    idleStopMs: optionalDurationMs(process.idleStop),
    dependsOn: process.dependsOn ?? [],
    watch: process.watch ?? [],
    stopSignal: process.stopSignal ?? 'SIGTERM',
    stopTimeoutMs: optionalDurationMs(process.stopTimeout) ?? DEFAULT_STOP_TIMEOUT_MS,
    outputFile: process.outputFile ?? null,
  }
}

/** The command as a person would type it. */
export function commandText({ command }: Pick<ProcessSettings, 'command'>): string {
  return typeof command === 'string' ? command : command.join(' ')
}
