import type { App } from '../../../shared/config.js'
import type { AppProcess } from './app-process.js'
import { compileProcess, type ProcessSettings } from './settings.js'
import { untilStopped } from './stop-all.js'

export interface AppSetOptions {
  make(settings: ProcessSettings): AppProcess
  /** the process of an app that the config has no more has ended */
  onGone(app: string): void
}

/** The apps of the config and their processes, also of those it has no more until they have ended. */
export class AppSet {
  /** in the order of the config */
  apps: ReadonlyMap<string, App> = new Map()
  /** in which those run that name none */
  folder = ''
  readonly processes = new Map<string, AppProcess>()
  readonly #removed = new Set<string>()
  readonly #options: AppSetOptions

  constructor(options: AppSetOptions) {
    this.#options = options
  }

  /** The process of an app that the config has. */
  find(app: string): AppProcess | null {
    return this.#removed.has(app) ? null : (this.processes.get(app) ?? null)
  }

  /** Takes other apps, and stops the processes of those that are gone or disabled. */
  replace(apps: readonly App[], folder: string): void {
    this.apps = new Map(apps.map((app) => [app.name, app]))
    this.folder = folder
    for (const [name, process] of this.processes) {
      const app = this.apps.get(name)
      if (app?.process === undefined) this.#remove(name, process)
      else if (app.enabled === false) disable(process)
    }
  }

  /** Restarts those whose settings changed, and starts those that are new. */
  settle(): void {
    // All are there before the first one looks for those it depends on.
    const starting = [...this.apps.values()].flatMap((app) => this.#settleOne(app) ?? [])
    for (const process of starting) process.dispatch({ type: 'start', by: 'config' })
  }

  /** @returns the process when it is to be started now */
  #settleOne(app: App): AppProcess | null {
    const settings = compileProcess(app, this.folder)
    if (settings === null) return null
    const known = this.processes.get(app.name)
    const process = known ?? this.#options.make(settings)
    const wasOff = known === undefined || !known.enabled || this.#removed.has(app.name)
    const becomesBoot = settings.start === 'boot' && (wasOff || process.settings.start !== 'boot')
    this.processes.set(app.name, process)
    this.#removed.delete(app.name)
    process.enabled = app.enabled !== false
    process.configure(settings)
    return process.enabled && becomesBoot ? process : null
  }

  #remove(name: string, process: AppProcess): void {
    if (this.#removed.has(name)) return
    this.#removed.add(name)
    process.dispatch({ type: 'stop', why: 'config' })
    void untilStopped(process).then(async () => {
      if (!this.#removed.delete(name)) return
      this.processes.delete(name)
      await process.close()
      this.#options.onGone(name)
    })
  }
}

function disable(process: AppProcess): void {
  if (!process.enabled) return
  process.enabled = false
  process.dispatch({ type: 'stop', why: 'config' })
}
