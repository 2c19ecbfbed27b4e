import { appHosts, type ConfigFile } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'

type FileApp = NonNullable<ConfigFile['apps']>[number]

/** The document with one more app. @throws Fault `conflict` when its name or one of its hosts is taken */
export function withApp(document: ConfigFile, app: FileApp): ConfigFile {
  const apps = document.apps ?? []
  if (apps.some(({ name }) => name === app.name)) {
    throw new Fault(
      'conflict',
      `There is an app "${app.name}" already.`,
      `Remove it first: portico app remove ${app.name}`,
    )
  }
  const hosts = new Set(appHosts(app))
  for (const other of apps) {
    const taken = appHosts(other).find((host) => hosts.has(host))
    if (taken === undefined) continue
    throw new Fault(
      'conflict',
      `The host ${taken} belongs to the app "${other.name}" already.`,
      'Choose another --host.',
    )
  }
  return { ...document, apps: [...apps, app] }
}

/** The document without an app. @throws Fault `not-found` */
export function withoutApp(document: ConfigFile, name: string): ConfigFile {
  const { apps } = requireApp(document, name)
  return { ...document, apps: apps.filter((app) => app.name !== name) }
}

/** The document with an app enabled or disabled. @throws Fault `not-found` */
export function withAppEnabled(document: ConfigFile, name: string, enabled: boolean): ConfigFile {
  const { apps } = requireApp(document, name)
  const changed = ({ enabled: _, ...app }: FileApp): FileApp => (enabled ? app : { ...app, enabled: false })
  return { ...document, apps: apps.map((app) => (app.name === name ? changed(app) : app)) }
}

function requireApp(document: ConfigFile, name: string): { apps: FileApp[] } {
  const apps = document.apps ?? []
  if (apps.some((app) => app.name === name)) return { apps }
  throw noSuchApp(name)
}

export function noSuchApp(name: string): Fault {
  return new Fault('not-found', `There is no app "${name}".`, 'See which there are: portico app list')
}
