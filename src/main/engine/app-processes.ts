import type { EventEmitter } from 'node:events'
import path from 'node:path'
import { type App, appHosts, type Config } from '../../shared/config.js'
import { Fault } from '../../shared/fault.js'
import { appStatus } from './app-status.js'
import { resolveConfigPaths } from './config/paths.js'
import type { EngineOptions } from './engine-options.js'
import type { EventSource } from './event-sources.js'
import { compileUpstream, type UpstreamTarget } from './gateway/upstream-target.js'
import { OnChange } from './paced-events.js'
import { planLaunch, readText } from './supervisor/launch/plan.js'
import { Ledger } from './supervisor/ledger.js'
import type { ProcessSystem } from './supervisor/process-system.js'
import { ProgramRunner } from './supervisor/program-runner.js'
import { Supervisor } from './supervisor/supervisor.js'
import type { LocalCa } from './trust-stores.js'

/** Figures of processes that somebody looks at. */
const FIGURES_MS = 2_000

interface Surroundings {
  events: EventEmitter
  /** the one in use, as its file has it */
  config(): Config
  /** of the HTTPS listener; null while there is none */
  httpsPort(): number | null
  /** the local CA, which apps are to trust */
  authority(): LocalCa
  upstreams: { adopt(app: string, target: UpstreamTarget): void; release(app: string): void }
}

export interface ProcessParts {
  processes: Supervisor<UpstreamTarget>
  /** starts what is no app's, such as a tool to share an app by */
  programs: ProgramRunner
  source: EventSource
  /** Takes over the apps of the config in use. */
  apply(): void
}

/** The supervisor, with what it needs of all else. Nothing is started yet. */
export async function openProcesses(options: EngineOptions, around: Surroundings): Promise<ProcessParts> {
  const { host, log, dataDir, configFile } = options
  const folder = path.dirname(configFile)
  const system = host?.processSystem ?? NO_PROCESSES
  const { events, upstreams } = around
  const tell = () => void processes.list().then((list) => events.emit('processes', list))
  const changes = new OnChange(tell)
  const url = addresses(around)
  const ledger = await Ledger.open(path.join(dataDir, 'processes.json'), log)
  const environment = async () => {
    if (host === undefined) throw new Fault('not-supported', 'Processes cannot be started here.')
    return (await host.environment?.()) ?? process.env
  }
  const processes = new Supervisor<UpstreamTarget>({
    system,
    ledger,
    log,
    holderOf: async (port) => (await host?.holderOf(port)) ?? null,
    plan: async (settings, port) => {
      const inherited = await environment()
      const { apps } = around.config()
      const app = apps.find(({ name }) => name === settings.app)
      return planLaunch(settings, {
        port,
        url: app === undefined ? '' : url(app),
        hosts: app === undefined ? [] : appHosts(app),
        peers: Object.fromEntries(apps.map((peer) => [peer.name, url(peer)])),
        baseEnv: { ...inherited, ...(await trusting(options, around.authority())) },
        shell: system.shell,
        readText,
      })
    },
    target: (port, { health }) => ({
      ...compileUpstream({ backends: [{ url: `http://localhost:${port}` }] }),
      health,
    }),
    onTarget: (app, target) => (target === null ? upstreams.release(app) : upstreams.adopt(app, target)),
    onChange: () => changes.changed(),
    onOutput: (app, lines) => events.emit('output', { app, lines }),
  })
  const programs = new ProgramRunner({
    system,
    ledger,
    recovered: processes.recovered,
    environment,
    folder: dataDir,
    log,
  })
  const apply = () => processes.apply(resolveConfigPaths(around.config(), folder).apps, folder)
  apply()
  return { processes, programs, source: whileFollowed(changes, tell), apply }
}

/** What makes the runtimes of apps accept the local CA; what the person's environment names is trusted as well. */
async function trusting({ host, dataDir, log }: EngineOptions, ca: LocalCa): Promise<Record<string, string>> {
  try {
    return (await host?.trustStores?.variables(ca, dataDir)) ?? {}
  } catch (err) {
    log.warn({ err }, 'processes are started without trust in the CA')
    return {}
  }
}

/** Tells of each change, and of the figures every two seconds. */
function whileFollowed(changes: OnChange, tell: () => void): EventSource {
  let timer: NodeJS.Timeout | undefined
  return {
    start: () => {
      changes.start()
      changes.changed()
      timer = setInterval(tell, FIGURES_MS).unref()
    },
    stop: () => {
      changes.stop()
      clearInterval(timer)
    },
  }
}

/** Where apps are reached; while the gateway is turned off, where they were. */
function addresses({ httpsPort }: Surroundings): (app: App) => string {
  let known: number | null = null
  return (app) => {
    known = httpsPort() ?? known
    return appStatus(app, known).urls[0] ?? ''
  }
}

/** Where nobody tells of the system's processes, none can be looked after. */
const NO_PROCESSES: ProcessSystem = {
  list: async () => [],
  find: async () => [],
  spawnOptions: { detached: false, windowsHide: true },
  signalGroup: async () => false,
  groupMembers: async () => [],
  shell: [],
}
