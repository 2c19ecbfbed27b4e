import { parseEnv } from 'node:util'
import { Fault } from '../../../../shared/fault.js'

export type Environment = Record<string, string>

/**
 * What the engine's process was given for itself, by Electron, by systemd or by the process that forked it. In a child's
 * hands it does harm: a service manager would take the child's word for the engine's.
 */
const NOT_FOR_CHILDREN = [
  ...['ELECTRON_RUN_AS_NODE', 'ELECTRON_NO_ATTACH_CONSOLE', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'],
  ...['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'WATCHDOG_PID', 'WATCHDOG_USEC'],
]

/** An environment in the making. Windows takes `Path` and `PATH` for the same name; a later value replaces an earlier. */
export class EnvironmentBuilder {
  readonly #values = new Map<string, readonly [name: string, value: string]>()
  readonly #ignoreCase: boolean

  /** @param ignoreCase true on Windows */
  constructor(ignoreCase: boolean) {
    this.#ignoreCase = ignoreCase
  }

  get(name: string): string | undefined {
    return this.#values.get(this.#key(name))?.[1]
  }

  set(name: string, value: string): this {
    const key = this.#key(name)
    this.#values.set(key, [this.#values.get(key)?.[0] ?? name, value])
    return this
  }

  setAll(values: Readonly<Record<string, string | undefined>>): this {
    for (const [name, value] of Object.entries(values)) if (value !== undefined) this.set(name, value)
    return this
  }

  delete(name: string): void {
    this.#values.delete(this.#key(name))
  }

  toObject(): Environment {
    return Object.fromEntries(this.#values.values())
  }

  #key(name: string): string {
    return this.#ignoreCase ? name.toUpperCase() : name
  }
}

/** The engine's own environment, without what is for the engine alone. */
export function inherit(builder: EnvironmentBuilder, baseEnv: Readonly<Record<string, string | undefined>>): void {
  builder.setAll(baseEnv)
  for (const name of NOT_FOR_CHILDREN) builder.delete(name)
}

/**
 * What makes output through a pipe what it would be in a terminal: colours, and lines that come when they are printed.
 * Whoever has an opinion on it, in whatever variable, keeps it.
 */
export function likeTerminal(builder: EnvironmentBuilder): void {
  if (builder.get('NO_COLOR') === undefined && builder.get('FORCE_COLOR') === undefined) {
    builder.set('FORCE_COLOR', '1').set('CLICOLOR_FORCE', '1')
  }
  if (builder.get('PYTHONUNBUFFERED') === undefined) builder.set('PYTHONUNBUFFERED', '1')
}

/**
 * The variables of a file in dotenv's format.
 *
 * @param text null when the file is not there
 * @throws Fault that names the file
 */
export function parseEnvFile(file: string, text: string | null): Readonly<Record<string, string | undefined>> {
  if (text === null) {
    throw new Fault('not-found', `the environment file ${file} is not there`, 'Make it, or take it out of "envFile".')
  }
  return parseEnv(text.replace(/^\uFEFF/, ''))
}

/** `my-api` is `PORTICO_URL_MY_API`. */
export function urlVariable(app: string): string {
  return `PORTICO_URL_${app.toUpperCase().replaceAll('-', '_')}`
}
