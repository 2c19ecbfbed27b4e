import { pino } from 'pino'
import type { App, Config, ConfigFile } from '../../shared/config.js'
import type { AppStatus } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { appStatus } from '../engine/app-status.js'
import { ConfigStore } from '../engine/config/config-store.js'
import { withApp, withAppEnabled, withoutApp } from '../engine/config/edit-apps.js'
import { readConfigFile } from '../engine/config/read-config-file.js'
import { type AppOptions, buildApp } from './build-app.js'
import { plain, plainJson } from './escape.js'
import { formatApps } from './format-status.js'
import { configFileOf, requireSameConfig, withEngineOr } from './locate.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico app add`: prints the app's URLs, one per line. */
export async function addApp(name: string, options: CommonOptions & AppOptions): Promise<void> {
  const app = buildApp(name, options, process.cwd())
  const added = await withEngineOr(
    options,
    async (engine) => {
      await requireSameConfig(engine, options)
      return engine.call('app.add', { app })
    },
    () => editOffline(options, name, (document) => withApp(document, app)),
  )
  for (const url of added.urls) print(plain(url))
}

/** `portico app remove|enable|disable`. */
export async function changeApp(
  change: 'remove' | 'enable' | 'disable',
  name: string,
  options: CommonOptions,
): Promise<void> {
  const edit = (document: ConfigFile) =>
    change === 'remove' ? withoutApp(document, name) : withAppEnabled(document, name, change === 'enable')
  const changed = await withEngineOr(
    options,
    async (engine) => {
      await requireSameConfig(engine, options)
      if (change === 'remove') return engine.call('app.remove', { name })
      return engine.call('app.setEnabled', { name, enabled: change === 'enable' })
    },
    () => editOffline(options, name, edit),
  )
  print(`${changed.name} is ${change}d.`)
}

/** `portico app list`. */
export async function listApps(options: CommonOptions & { json?: boolean }): Promise<void> {
  const { apps, processes } = await withEngineOr(
    options,
    async (engine) => {
      await requireSameConfig(engine, options)
      return { apps: await engine.call('app.list', {}), processes: await engine.call('processes.list', {}) }
    },
    async () => ({ apps: await listOffline(options), processes: [] }),
  )
  if (options.json === true) print(plainJson(apps))
  else for (const line of formatApps(apps, processes)) print(line)
}

/** Without an engine the file is edited directly, by the same means and with the same care. */
async function editOffline(
  options: CommonOptions,
  name: string,
  edit: (document: ConfigFile) => ConfigFile,
): Promise<AppStatus> {
  const store = await ConfigStore.open({ file: configFileOf(options), log: pino({ level: 'silent' }) })
  try {
    const before = store.current.apps
    const config = await store.edit(edit)
    const app = appNamed(config.apps, name) ?? appNamed(before, name)
    if (app === undefined)
      throw new Fault('conflict', `The app "${name}" was changed by another program.`, 'Try again.')
    note(`Portico is not running: ${store.file} was changed and applies at the next start.`)
    return offlineStatus(app, config)
  } finally {
    await store.close()
  }
}

async function listOffline(options: CommonOptions): Promise<AppStatus[]> {
  const file = configFileOf(options)
  const disk = await readConfigFile(file)
  note(`Portico is not running: these are the apps of ${file}.`)
  if (disk.state === 'missing') return []
  if (disk.state === 'unreadable') throw new Fault('config-unreadable', `${file}: ${disk.problem.message}.`)
  const { parsed } = disk
  if (parsed.ok) return parsed.config.apps.map((app) => offlineStatus(app, parsed.config))
  throw new Fault('config-invalid', `${file} is not valid.`, `See what is wrong: portico config check ${file}`)
}

/** With the port that the config asks for: which one it will get is not known yet. */
function offlineStatus(app: App, config: Config): AppStatus {
  const { https } = config.listen
  return appStatus(app, https === 0 ? null : https)
}

function appNamed(apps: readonly App[], name: string): App | undefined {
  return apps.find((app) => app.name === name)
}
