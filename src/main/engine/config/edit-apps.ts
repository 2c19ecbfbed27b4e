import { appHosts, type ConfigFile } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'

type FileApp = NonNullable<ConfigFile['apps']>[number]

/**
 * The document with one more app.
 *
 * @param at its place among the apps, from 0; at the end without, or when there are fewer
 * @throws Fault `conflict` when its name or one of its hosts is taken
 */
export function withApp(document: ConfigFile, app: FileApp, at?: number): ConfigFile {
  const apps = document.apps ?? []
  refuseClash(apps, app)
  return { ...document, apps: apps.toSpliced(at ?? apps.length, 0, app) }
}

/**
 * The document with an app in the place of another, which may have had another name.
 *
 * @param name the app as it is called now
 * @throws Fault `not-found`; `conflict` when the new name or a new host is that of a third app
 */
export function withAppUpdated(document: ConfigFile, name: string, app: FileApp): ConfigFile {
  const { apps } = requireApp(document, name)
  const others = apps.filter((other) => other.name !== name)
  refuseClash(others, app)
  return { ...document, apps: apps.map((old) => (old.name === name ? app : old)) }
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

function refuseClash(apps: readonly FileApp[], app: FileApp): void {
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
}

function requireApp(document: ConfigFile, name: string): { apps: FileApp[] } {
  const apps = document.apps ?? []
  if (apps.some((app) => app.name === name)) return { apps }
  throw noSuchApp(name)
}

export function noSuchApp(name: string): Fault {
  return new Fault('not-found', `There is no app "${name}".`, 'See which there are: portico app list')
}
