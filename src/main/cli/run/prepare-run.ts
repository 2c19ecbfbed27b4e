import type { App } from '../../../shared/config.js'
import type { AppStatus } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { httpsPortOf } from '../../../shared/https-port.js'
import { appStatus } from '../../engine/app-status.js'
import type { ControlClient } from '../../engine/control/control-client.js'
import { isAlive } from '../../engine/control/lock-holder.js'
import { readProject } from '../../engine/discovery/project.js'
import { type LaunchPlan, planLaunch, readText } from '../../engine/supervisor/launch/plan.js'
import { isFree, leasePort, preferredPort } from '../../engine/supervisor/port-lease.js'
import { compileProcess } from '../../engine/supervisor/settings.js'
import { currentPlatform } from '../../platform/platform.js'
import { holderOf } from '../../platform/port-holder/port-holder.js'
import { processSystem } from '../../platform/process-table/process-system.js'
import { runtimeVariables } from '../../platform/trust-store/bundle.js'
import { thisMachine } from '../../platform/trust-store/this-machine.js'
import { buildApp } from '../build-app.js'
import { commandOfWords } from '../command-of-words.js'
import { type ChosenApp, chooseNamed, chooseUnnamed, type RunWish } from './choose-app.js'
import { projectName } from './project-name.js'
import { readWorktree } from './read-worktree.js'

/** A command that is about to be run, and served. */
export interface PreparedRun {
  name: string
  plan: LaunchPlan
  url: string
  /** there only as long as the command runs */
  temporary: boolean
}

/**
 * Chooses name, port and environment, and sees to it that the gateway serves the app.
 *
 * @param name null for one after the project
 * @throws Fault when the app cannot be had, or its port is taken
 */
export async function prepareRun(
  engine: ControlClient,
  name: string | null,
  words: readonly string[],
  wish: RunWish,
): Promise<PreparedRun> {
  const cwd = process.cwd()
  const { apps, listeners, dataDir } = await engine.call('status', {})
  const chosen = name === null ? await chooseByProject(cwd, wish, apps) : chooseNamed(name, wish, apps)
  const fixed = chosen.knownPort ?? wish.port ?? null
  const port = fixed ?? (await leaseFor(engine, chosen.name, apps))
  const app = appOn(port, chosen, wish, cwd)
  const known = apps.find((one) => one.name === chosen.name && one.whilePid === undefined)
  const https = httpsPortOf(listeners)
  const url = (known ?? appStatus(app, https)).urls[0] ?? `https://${chosen.name}.localhost`
  const plan = await planLaunch(settingsFor(chosen.name, words, fixed, cwd), {
    port,
    url,
    hosts: known?.hosts ?? wish.host ?? [],
    peers: Object.fromEntries(apps.flatMap((one) => one.urls.slice(0, 1).map((its) => [one.name, its] as const))),
    baseEnv: { ...process.env, ...(await trusting(engine, dataDir)) },
    shell: processSystem(currentPlatform()).shell,
    readText,
  })
  if (fixed !== null || plan.port !== port) await requireFree(plan.port, chosen.name)
  const temporary = chosen.knownPort === null
  if (temporary) {
    await engine.call('app.add', { app: appOn(plan.port, chosen, wish, cwd), whilePid: process.pid })
  }
  return { name: chosen.name, plan: { ...plan, env: asInTerminal(plan.env) }, url, temporary }
}

/** What makes the command's runtime accept the local CA. */
async function trusting(engine: ControlClient, dataDir: string): Promise<Record<string, string>> {
  const { pem, file } = await engine.call('ca.info', {})
  return runtimeVariables(thisMachine(currentPlatform()), { pem, certFile: file }, dataDir)
}

async function chooseByProject(cwd: string, wish: RunWish, apps: readonly AppStatus[]): Promise<ChosenApp> {
  const [{ packageName, folderName }, worktree] = await Promise.all([readProject(cwd), readWorktree(cwd)])
  const sources = { packageName, folderName, command: null, port: wish.port ?? 3000 }
  return chooseUnnamed(wish, apps, (taken) => projectName(sources, worktree, taken), isAlive)
}

async function leaseFor(engine: ControlClient, name: string, apps: readonly AppStatus[]): Promise<number> {
  const processes = await engine.call('processes.list', {})
  const others = apps.filter((one) => one.name !== name).map(({ app }) => app.port)
  const taken = new Set([...others, ...processes.map(({ port }) => port)])
  return leasePort(preferredPort(name), (port) => taken.has(port))
}

function appOn(port: number, { name }: ChosenApp, { host }: RunWish, cwd: string): App {
  const options = { port: String(port), ...(host === undefined ? {} : { host }) }
  return buildApp(name, options, cwd, 'See: portico run --help')
}

function settingsFor(name: string, words: readonly string[], port: number | null, cwd: string) {
  const command = commandOfWords(words)
  const settings = compileProcess({ name, process: { command, port: port ?? 'auto' } }, cwd)
  if (settings === null) throw new Error('an app with a process has one')
  return settings
}

async function requireFree(port: number, name: string): Promise<void> {
  if (await isFree(port)) return
  const holder = await holderOf(port, currentPlatform())
  const who = holder?.pid == null ? 'another process' : `PID ${holder.pid} (${holder.command ?? 'unknown'})`
  throw new Fault(
    'port-taken',
    `Port ${port}, on which "${name}" is to listen, is taken by ${who}.`,
    'End that one, or run the command under another name or --port.',
  )
}

/** The plan makes programs print through a pipe as they would to a terminal. Here they have what they print to. */
function asInTerminal(env: LaunchPlan['env']): LaunchPlan['env'] {
  const added = ['FORCE_COLOR', 'CLICOLOR_FORCE', 'PYTHONUNBUFFERED'].filter((name) => process.env[name] === undefined)
  return Object.fromEntries(Object.entries(env).filter(([name]) => !added.includes(name)))
}
