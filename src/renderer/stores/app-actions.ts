import type { App } from '../../shared/config.js'
import type { AppStatus, Status } from '../../shared/contract.js'
import type { DiscoveredPort } from '../../shared/window-schemas.js'
import { call } from '../bridge.js'
import { strings } from '../strings.js'
import { attempt, useToasts } from './toasts.js'
import { useUi } from './ui.js'

/** Adds the app of a discovered port under its proposed name, and shows it. */
export function addPort({ port, proposedName }: DiscoveredPort): Promise<void> {
  return attempt(async () => {
    const { name } = await call('app.add', { app: { name: proposedName, port } })
    useUi.getState().selectApp(name)
    useToasts.getState().show({ message: strings.apps.added(name), tone: 'plain', action: undo(() => removeApp(name)) })
  })
}

/** Adds the app that is built in, and opens it. */
export function tryDemo(): Promise<void> {
  return attempt(async () => {
    const { name, urls } = await call('app.add', { app: { name: 'demo', demo: true } })
    useUi.getState().selectApp(name)
    useToasts.getState().show({ message: strings.apps.added(name), tone: 'plain', action: undo(() => removeApp(name)) })
    window.open(`${urls[0]}/`, '_blank', 'noreferrer')
  })
}

/** Leads an app to another port; the toast can lead it back. */
export function switchPort({ name, app }: AppStatus, port: number): Promise<void> {
  return attempt(async () => {
    await call('app.update', { name, app: { ...app, port } })
    const back = () => attempt(async () => void (await call('app.update', { name, app })))
    const message = strings.apps.problem.switched(name, port)
    useToasts.getState().show({ message, tone: 'plain', action: undo(back) })
  })
}

/** Deletes an app; the toast can put it back where it was. */
export function deleteApp(name: string, status: Status): Promise<void> {
  const at = status.apps.findIndex((app) => app.name === name)
  return attempt(async () => {
    const { app } = await call('app.remove', { name })
    const { selectedApp, selectApp } = useUi.getState()
    if (selectedApp === name) selectApp(null)
    const restore = () => attempt(async () => void (await call('app.add', { app, at })))
    useToasts.getState().show({ message: strings.apps.deleted(name), tone: 'plain', action: undo(restore) })
  })
}

export function setAppEnabled(name: string, enabled: boolean): Promise<void> {
  return attempt(async () => void (await call('app.setEnabled', { name, enabled })))
}

/** Opens the form with a copy under a free name. Hosts belong to one app only, so the copy has its own. */
export function duplicateApp({ name, app }: AppStatus, status: Status): void {
  const { hosts: _, ...rest } = app
  const taken = new Set(status.apps.map((one) => one.name))
  let copy = `${name}-copy`
  for (let number = 2; taken.has(copy); number++) copy = `${name}-copy-${number}`
  useUi.getState().show({ kind: 'app-form', start: { ...rest, name: copy } as App, replaces: null })
}

function removeApp(name: string): Promise<void> {
  return attempt(async () => void (await call('app.remove', { name })))
}

function undo(run: () => Promise<void>): { label: string; run(): void } {
  return { label: strings.actions.undo, run: () => void run() }
}
