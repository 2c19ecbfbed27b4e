import { parseEnv } from 'node:util'
import { Fault } from '../../../../shared/fault.js'

export type Environment = Record<string, string>

/**
 * What the engine's process was given for itself, by Electron, by systemd, by an AppImage or by the process that forked it.
 * In a child's hands it does harm: a service manager would take the child's word for the engine's.
 */
const NOT_FOR_CHILDREN = [
  ...['ELECTRON_RUN_AS_NODE', 'ELECTRON_NO_ATTACH_CONSOLE', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'],
  ...['NOTIFY_SOCKET', 'LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'WATCHDOG_PID', 'WATCHDOG_USEC'],
  ...['APPIMAGE', 'APPDIR', 'ARGV0', 'OWD'],
]
/** An AppImage puts its own folders in front of these: children would load its libraries in place of the system's. */
const APPIMAGE_PATHS = ['PATH', 'LD_LIBRARY_PATH', 'XDG_DATA_DIRS', 'GSETTINGS_SCHEMA_DIR']

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
  const { APPDIR: image } = baseEnv
  if (image !== undefined && image !== '') for (const name of APPIMAGE_PATHS) leaveOutFolder(builder, name, image)
  for (const name of NOT_FOR_CHILDREN) builder.delete(name)
}

function leaveOutFolder(builder: EnvironmentBuilder, name: string, folder: string): void {
  const parts = builder.get(name)?.split(':') ?? []
  const kept = parts.filter((part) => part !== folder && !part.startsWith(`${folder}/`) && part !== '')
  if (kept.length === 0) builder.delete(name)
  else builder.set(name, kept.join(':'))
}

/**
 * What makes output through a pipe what it would be in a terminal: colours, and lines that come when they are printed.
 * Whoever has an opinion on it keeps it. CLICOLOR_FORCE is left alone, for by that `ls` colours what scripts read.
 */
export function likeTerminal(builder: EnvironmentBuilder): void {
  if (builder.get('NO_COLOR') === undefined && builder.get('FORCE_COLOR') === undefined) builder.set('FORCE_COLOR', '1')
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
