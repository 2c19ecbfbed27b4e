import path from 'node:path'
import { type App, appSchema } from '../../shared/config.js'
import { Fault } from '../../shared/fault.js'
import { commandOfWords } from './command-of-words.js'

/** The options of `portico app add`. */
export interface AppOptions {
  port?: string
  to?: string[]
  static?: string
  spa?: boolean
  demo?: boolean
  /** a command line for the shell */
  command?: string
  /** a program and its arguments, as they came after `--` */
  run?: readonly string[]
  cwd?: string
  host?: string[]
}

const HELP = 'See: portico app add --help'

/**
 * The app that an invocation of `app add` describes, or one of `run` on a port.
 *
 * @param cwd absolute; what a relative directory is relative to, and where a command runs
 * @throws Fault `usage` when the options contradict each other or a value is not valid
 */
export function buildApp(name: string, options: AppOptions, cwd: string, help = HELP): App {
  const { port, to, static: dir, demo, command, run } = options
  const targets = [port, to, dir, demo, command, run].filter((target) => target !== undefined)
  if (targets.length !== 1) {
    const all = '--port, --to, --static, --demo, --command and a command after --'
    throw new Fault('usage', `An app needs exactly one of ${all}.`, HELP)
  }
  if (options.cwd !== undefined && command === undefined && run === undefined) {
    throw new Fault('usage', '--cwd goes with a command only.', HELP)
  }
  if (options.spa === true && options.static === undefined) {
    throw new Fault('usage', '--spa goes with --static only.', HELP)
  }
  const parsed = appSchema.safeParse({
    name,
    ...(options.host === undefined ? {} : { hosts: options.host }),
    ...targetOf(options, cwd),
  })
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Fault('usage', `${optionOf(issue?.path ?? [], name, options)} ${issue?.message}.`, help)
}

function targetOf(options: AppOptions, cwd: string): Partial<App> {
  if (options.port !== undefined) return { port: /^\d+$/.test(options.port) ? Number(options.port) : Number.NaN }
  if (options.static !== undefined) {
    const dir = options.static === '' ? '' : path.resolve(cwd, options.static)
    return { static: { dir, ...(options.spa === true ? { spa: true } : {}) } }
  }
  if (options.demo === true) return { demo: true }
  const command = options.command ?? (options.run === undefined ? undefined : commandOfWords(options.run))
  if (command !== undefined) return { process: { command, cwd: path.resolve(cwd, options.cwd ?? '.') } }
  const backends = (options.to ?? []).map((url) => ({ url: asOrigin(url) }))
  return { routes: [{ path: '/', upstream: { backends } }] }
}

/** `HTTP://API.example.com:80/` as a person may copy it from an address bar; anything that is not an origin stays. */
function asOrigin(text: string): string {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : text
}

/** Names what the person wrote, not where it would stand in the config file. */
function optionOf(where: readonly PropertyKey[], name: string, options: AppOptions): string {
  const [key, index] = where
  if (key === 'name') return `The name "${name}"`
  if (key === 'port') return `--port ${options.port}`
  if (key === 'static') return '--static'
  if (key === 'process') return 'The command'
  if (key === 'hosts') return `--host ${options.host?.[Number(index)]}`
  if (key === 'routes') return `--to ${options.to?.[Number(where[4])]}`
  return 'The app'
}
