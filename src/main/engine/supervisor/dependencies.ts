import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../../../shared/config.js'
import type { AppProcess } from './app-process.js'
import { untilReady } from './await-ready.js'
import { answersAt } from './port-answers.js'
import type { DependencyWait } from './process-host.js'
import type { ProcessSettings } from './settings.js'

const LOOK_MS = 100

/** What an app depends on, as far as it is there. */
export interface Dependency {
  app: App
  process: AppProcess | null
}

/**
 * Starts what an app depends on, as far as need be, and waits until it is ready: one after the other.
 *
 * @param find what is called so; null when there is no such app
 * @throws Error that says in a sentence which of them is not going to be ready, and why
 */
export async function untilDependenciesReady(
  { dependsOn, startTimeoutMs }: Pick<ProcessSettings, 'dependsOn' | 'startTimeoutMs'>,
  wait: DependencyWait,
  find: (name: string) => Dependency | null,
): Promise<void> {
  for (const name of dependsOn) {
    const dependency = find(name)
    if (dependency === null) wait.note(`no app is called "${name}": not waited for`)
    else {
      wait.onWait(name)
      await untilDependencyReady(dependency, wait, startTimeoutMs)
    }
  }
  wait.onWait(null)
}

async function untilDependencyReady(
  { app, process }: Dependency,
  { by, signal }: DependencyWait,
  patienceMs: number,
): Promise<void> {
  const name = `${app.name}, which it depends on,`
  if (app.enabled === false) throw new Error(`It was not started: ${name} is disabled.`)
  if (process === null) {
    if (await untilAnswered(placesOf(app), patienceMs, signal)) return
    throw new Error(`It was not started: ${name} does not answer.`)
  }
  // What a person has stopped is not started again because something else crashed, only at a person's wish.
  process.dispatch({ type: 'start', by: by === 'person' ? 'person' : 'dependent' })
  try {
    await untilReady(process, 'dependent', signal)
  } catch {
    const { state, reason } = process.status(null)
    const how = state === 'failed' ? 'has failed' : 'is stopped'
    throw new Error(`It was not started: ${name} ${how}. ${reason ?? ''}`.trim())
  }
}

interface Place {
  host: string
  port: number
}

/** Where an app without a process answers; none for one that Portico itself serves. */
function placesOf(app: App): Place[] {
  if (app.port !== undefined) return ['127.0.0.1', '::1'].map((host) => ({ host, port: app.port ?? 0 }))
  return (app.routes ?? []).flatMap((route) =>
    (route.upstream?.backends ?? []).map(({ url }) => {
      const { hostname, port, protocol } = new URL(url)
      const standard = protocol === 'https:' ? 443 : 80
      return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? standard : Number(port) }
    }),
  )
}

/** Resolves true as soon as one of the places accepts connections. */
async function untilAnswered(places: readonly Place[], patienceMs: number, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + patienceMs
  while (places.length > 0) {
    const answers = await Promise.all(places.map(({ host, port }) => answersAt(host, port)))
    if (answers.includes(true)) return true
    if (performance.now() > end) return false
    await delay(LOOK_MS, undefined, { signal })
  }
  return true
}
