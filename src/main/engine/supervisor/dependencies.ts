import { setTimeout as delay } from 'node:timers/promises'
import type { App } from '../../../shared/config.js'
import type { AppProcess } from './app-process.js'
import { untilReady } from './await-ready.js'
import { answersAt } from './port-answers.js'
import type { Starter } from './process-condition.js'

const LOOK_MS = 100

/** What an app depends on, as far as it is there. */
export interface Dependency {
  app: App
  process: AppProcess | null
}

/**
 * Starts what an app depends on, if need be, and waits until it is ready.
 *
 * @param patienceMs how long an app without a process may take to answer
 * @throws Error that says in a sentence why it is not going to be ready
 */
export async function untilDependencyReady(
  { app, process }: Dependency,
  by: Starter,
  patienceMs: number,
  signal: AbortSignal,
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
    throw new Error(
      `It was not started: ${name} ${state === 'failed' ? 'has failed' : 'is stopped'}. ${reason ?? ''}`.trim(),
    )
  }
}

/** An order in which every app comes after those that depend on it. */
export function dependentsFirst(dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const ordered = new Set<string>()
  const visit = (name: string) => {
    if (ordered.has(name)) return
    for (const [dependent, names] of dependencies) if (names.includes(name)) visit(dependent)
    ordered.add(name)
  }
  for (const name of dependencies.keys()) visit(name)
  return [...ordered]
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
