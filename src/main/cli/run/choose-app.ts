import { configSchema } from '../../../shared/config.js'
import type { AppStatus } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { takenNames } from '../../engine/discovery/propose-name.js'

/** What the invocation asks for. */
export interface RunWish {
  host?: string[]
  port?: number
}

/** The app that a command is run as. */
export interface ChosenApp {
  name: string
  /** the port that the config has for it; null for an app that is there only as long as the command runs */
  knownPort: number | null
}

/**
 * The app of a name that a person gave. One that the config has on a port of this machine is run there and stays.
 *
 * @throws Fault `conflict` when it is an app of another kind, or wanted otherwise than the config has it
 */
export function chooseNamed(name: string, wish: RunWish, apps: readonly AppStatus[]): ChosenApp {
  const found = apps.find((one) => one.name === name)
  // The gateway knows whether the process that a temporary one is there for still lives.
  if (found === undefined || found.whilePid !== undefined) return { name, knownPort: null }
  const { port, process } = found.app
  const other = 'Choose another name: portico run NAME -- COMMAND'
  if (port === undefined) {
    const hint = process === undefined ? other : `Start its own process: portico app start ${name}`
    throw new Fault('conflict', `There is an app "${name}" already: ${found.target}.`, hint)
  }
  if (!found.enabled) {
    throw new Fault('conflict', `The app "${name}" is disabled.`, `Enable it first: portico app enable ${name}`)
  }
  if (wish.host !== undefined || (wish.port !== undefined && wish.port !== port)) {
    const message = `The config has the app "${name}" at ${found.hosts.join(', ')} on port ${port}.`
    throw new Fault('conflict', message, `Leave --host and --port out. ${other}`)
  }
  return { name, knownPort: port }
}

/**
 * The app of a command whose name nobody gave.
 *
 * @param propose gives a name that is not among those it is given
 * @param isAlive whether a process still runs
 */
export function chooseUnnamed(
  wish: RunWish,
  apps: readonly AppStatus[],
  propose: (taken: ReadonlySet<string>) => string,
  isAlive: (pid: number) => boolean,
): ChosenApp {
  const present = apps.filter(({ whilePid }) => whilePid === undefined || isAlive(whilePid))
  const taken = takenNames({ apps: present.map(({ app }) => app), panel: configSchema.parse({ version: 1 }).panel })
  for (const one of present) if (isFor(one, wish)) taken.delete(one.name)
  const name = propose(taken)
  return { name, knownPort: present.find((one) => one.name === name)?.app.port ?? null }
}

/** True for an app of the config that the command could be. */
function isFor({ app, enabled, whilePid }: AppStatus, { host, port }: RunWish): boolean {
  const samePort = app.port !== undefined && (port === undefined || port === app.port)
  return samePort && enabled && whilePid === undefined && host === undefined
}
