import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { planLaunch, readText } from '../../../src/main/engine/supervisor/launch/plan.js'
import { Ledger } from '../../../src/main/engine/supervisor/ledger.js'
import type { Timing } from '../../../src/main/engine/supervisor/process-host.js'
import type { ProcessSystem } from '../../../src/main/engine/supervisor/process-system.js'
import { Supervisor } from '../../../src/main/engine/supervisor/supervisor.js'
import { hostFacts } from '../../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../../src/main/platform/platform.js'
import { type App, appSchema } from '../../../src/shared/config.js'
import type { ProcessStatus } from '../../../src/shared/window-schemas.js'
import { until } from '../wait.js'

const PROCESSES = hostFacts(currentPlatform()).processSystem
/** An app of the tests, see there for its arguments. */
const SERVER = path.join(import.meta.dirname, 'server.mjs')

export interface TestTarget {
  port: number
}

/** A supervisor on real processes, in a temporary directory. */
export interface Supervised {
  readonly supervisor: Supervisor<TestTarget>
  readonly dir: string
  readonly ledgerFile: string
  readonly system: ProcessSystem
  /** every state that each app has been in, in order */
  readonly states: Map<string, string[]>
  apply(...apps: object[]): void
  status(app: string): ProcessStatus
  /** Waits until a process is in a state. */
  reaches(app: string, state: ProcessStatus['state'], deadlineMs?: number): Promise<ProcessStatus>
  ledger(): Promise<{ entries: { app: string; leader: { pid: number; birth: string } }[] }>
  /** members of the group of an app's process that are alive */
  members(app: string): Promise<number[]>
  close(graceMs?: number): Promise<void>
}

/** A command that runs the server of the tests. */
export function server(...args: string[]): string[] {
  return [process.execPath, SERVER, ...args]
}

/** An app whose process is the server of the tests. */
export function serverApp(name: string, args: string[] = [], more: object = {}): object {
  return { name, process: { command: server(...args), ...more } }
}

/** @param timing restarts come after 20 ms unless told */
export async function supervise(timing: Partial<Timing> = {}, dataDir?: string): Promise<Supervised> {
  const dir = dataDir ?? (await mkdtemp(path.join(os.tmpdir(), 'portico-processes-')))
  const host = hostFacts(currentPlatform())
  const system = host.processSystem
  const ledgerFile = path.join(dir, 'processes.json')
  const log = pino({ level: 'silent' })
  const states = new Map<string, string[]>()
  let apps: App[] = []
  const supervisor: Supervisor<TestTarget> = new Supervisor<TestTarget>({
    system,
    ledger: await Ledger.open(ledgerFile, log),
    log,
    holderOf: host.holderOf,
    plan: (settings, port) =>
      planLaunch(settings, {
        ...{ port, url: `https://${settings.app}.localhost`, baseEnv: process.env, shell: system.shell, readText },
        peers: Object.fromEntries(apps.map(({ name }) => [name, `https://${name}.localhost`])),
      }),
    target: (port) => ({ port }),
    onTarget: () => {},
    onChange: () => {
      for (const { name } of apps) {
        const state = supervisor.status(name)?.state
        const seen = states.get(name) ?? []
        if (state !== undefined && seen.at(-1) !== state) states.set(name, [...seen, state])
      }
    },
    onOutput: () => {},
    timing: { backOffMs: () => 20, stableMs: 60_000, ...timing },
  })
  const status = (app: string) => {
    const found = supervisor.status(app)
    if (found === null) throw new Error(`${app} has no process`)
    return found
  }
  return {
    supervisor,
    dir,
    ledgerFile,
    system,
    states,
    status,
    apply: (...next) => {
      apps = next.map((app) => appSchema.parse(app))
      supervisor.apply(apps, dir)
    },
    reaches: async (app, state, deadlineMs = 10_000) => {
      await until(
        () => supervisor.status(app)?.state === state,
        () => `${app} ${state}, and not ${JSON.stringify(supervisor.status(app))}`,
        deadlineMs,
      )
      return status(app)
    },
    ledger: async () => JSON.parse(await readFile(ledgerFile, 'utf8').catch(() => '{"entries":[]}')),
    members: (app) => system.groupMembers(status(app).pid ?? 0),
    close: async (graceMs = 2_000) => {
      await supervisor.close(graceMs)
      if (dataDir === undefined) await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Asks the server of the tests. */
export async function ask(
  port: number | null,
  url = '/',
): Promise<{ pid: number; url: string; env: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${port}${url}`, { headers: { connection: 'close' } })
  return (await response.json()) as { pid: number; url: string; env: Record<string, string> }
}

/** Whether a process has not ended; one that nobody has asked for its exit status counts as ended. */
export async function isAlive(pid: number | null | undefined): Promise<boolean> {
  return pid != null && (await PROCESSES.find([pid])).length > 0
}

export async function alive(pids: readonly (number | null)[]): Promise<number[]> {
  return (await PROCESSES.find(pids.filter((pid) => pid !== null))).map(({ pid }) => pid)
}
