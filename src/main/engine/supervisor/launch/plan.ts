import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../../shared/fault.js'
import type { ProcessSettings } from '../settings.js'
import {
  type Environment,
  EnvironmentBuilder,
  inherit,
  likeTerminal,
  parseEnvFile,
  urlVariable,
} from './environment.js'
import { type Injection, injectPort } from './inject-port.js'

export interface LaunchFacts {
  /** that the process is to listen on */
  port: number
  /** public address of the app, `https://shop.localhost`; empty when it has none */
  url: string
  /** public names of the app: those outside `.localhost` are made known to servers that would refuse them */
  hosts?: readonly string[]
  /** public addresses of all apps, by name */
  peers: Readonly<Record<string, string>>
  /** the environment of the engine */
  baseEnv: Readonly<Record<string, string | undefined>>
  /** program and arguments before a command line, from the system of processes */
  shell: readonly string[]
  /** @returns null when the file is not there */
  readText(file: string): Promise<string | null>
  isDirectory?(folder: string): Promise<boolean>
}

export interface LaunchPlan {
  program: string
  args: string[]
  env: Environment
  cwd: string
  /** the arguments are quoted already: `windowsVerbatimArguments` of node:child_process */
  verbatim: boolean
  /** the port it will listen on: the one of the facts, unless the command names another one itself */
  port: number
  /** the framework that was recognised */
  framework: string | null
  /** what a person may want to know, in sentences */
  notes: string[]
}

/**
 * All that is needed to start an app's process.
 *
 * @throws Fault when its folder or one of its environment files is not there
 */
export async function planLaunch(settings: ProcessSettings, facts: LaunchFacts): Promise<LaunchPlan> {
  const { app, cwd } = settings
  if (!(await (facts.isDirectory ?? isDirectory)(cwd))) {
    throw new Fault('not-found', `the folder ${cwd} of "${app}" is not there`, 'Make it, or correct "cwd".')
  }
  const windows = isCmd(facts.shell)
  const injection = await inject(settings, facts, windows)
  const port = settings.port ?? injection.ownPort ?? facts.port
  return {
    ...invocation(injection.command, facts.shell, windows),
    env: await environment(settings, { ...facts, port }, injection, windows),
    cwd,
    port,
    framework: injection.framework,
    notes: [...injection.notes, ...portNotes(settings, injection)],
  }
}

/** Text of a file, for `LaunchFacts`. @returns null when it is not there */
export async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new Fault(
      'not-found',
      `${file} cannot be read: ${(error as Error).message}`,
      'Give Portico the right to read it.',
    )
  }
}

async function isDirectory(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

async function inject(settings: ProcessSettings, facts: LaunchFacts, windows: boolean): Promise<Injection> {
  const { command, cwd, injectPort: wanted } = settings
  if (!wanted) return { command, env: {}, framework: null, ownPort: null, notes: [] }
  const { port, url, readText } = facts
  return injectPort(command, { port, url, foreignHosts: foreignHosts(facts), cwd, windows, readText })
}

/**
 * Later ones win: defaults, the engine's environment, the files in their order, `env` of the config, and what only Portico
 * knows. HOST alone may be set in the config, for apps that are to be reached from elsewhere as well.
 */
async function environment(
  settings: ProcessSettings,
  facts: LaunchFacts,
  injection: Injection,
  windows: boolean,
): Promise<Environment> {
  const builder = new EnvironmentBuilder(windows)
  inherit(builder, facts.baseEnv)
  for (const file of settings.envFiles) builder.setAll(parseEnvFile(file, await facts.readText(file)))
  builder.setAll(settings.env)
  likeTerminal(builder)
  const bin = path.join(settings.cwd, 'node_modules', '.bin')
  builder.set('PATH', [bin, builder.get('PATH')].filter((part) => part !== undefined).join(windows ? ';' : ':'))
  builder.set('PORT', String(facts.port)).set('PORTICO_URL', facts.url)
  if (settings.env.HOST === undefined) builder.set('HOST', '127.0.0.1')
  for (const [peer, url] of Object.entries(facts.peers)) builder.set(urlVariable(peer), url)
  allowHosts(builder, foreignHosts(facts))
  for (const [name, value] of Object.entries(injection.env))
    if (builder.get(name) === undefined) builder.set(name, value)
  return builder.toObject()
}

/** Vite and Rails refuse other hosts than `.localhost`, against DNS rebinding. These are the app's own by its config. */
function allowHosts(builder: EnvironmentBuilder, hosts: readonly string[]): void {
  if (hosts.length === 0) return
  for (const name of ['__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS', 'RAILS_DEVELOPMENT_HOSTS']) {
    builder.set(name, [builder.get(name), ...hosts].filter((host) => host !== undefined && host !== '').join(','))
  }
}

/** Names outside `.localhost`, with `.shop.test` for `*.shop.test`. */
function foreignHosts({ url, hosts = [] }: LaunchFacts): string[] {
  const own = URL.canParse(url) ? [new URL(url).hostname] : []
  const names = [...own, ...hosts].map((host) => host.replace(/^\*/, ''))
  return [...new Set(names)].filter((host) => !/(^|\.)localhost$|^[\d.]+$|^\[?[\da-f]*:/i.test(host))
}

function invocation(command: Injection['command'], shell: readonly string[], windows: boolean) {
  if (typeof command !== 'string') return { program: command[0]!, args: command.slice(1), verbatim: false }
  const [program = '/bin/sh', ...options] = shell
  // cmd.exe with /s takes away the outer quotes and leaves the rest of the line alone.
  return { program, args: [...options, windows ? `"${command}"` : command], verbatim: windows }
}

function portNotes({ port }: ProcessSettings, { ownPort }: Injection): string[] {
  if (ownPort === null || ownPort === port) return []
  if (port === null) return [`the command names its own port, ${ownPort}, which is used instead of a free one`]
  return [`the command names port ${ownPort}, but "port" is ${port}: one of them must change`]
}

function isCmd(shell: readonly string[]): boolean {
  return /(^|[\\/])cmd(\.exe)?$/i.test(shell[0] ?? '')
}
