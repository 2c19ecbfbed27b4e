import type { AppProcess } from './app-process.js'

/** Resolves when nothing is left of a process. */
export function untilStopped(process: AppProcess): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const { name } = process.condition
      // Started again meanwhile, by somebody else.
      if (name === 'stopping') return
      unlisten()
      resolve()
    }
    const unlisten = process.onChange(look)
    look()
  })
}

/**
 * Stops all, each after those that depend on it.
 *
 * @param hurry from then on they are ended by force
 */
export async function stopAll(processes: ReadonlyMap<string, AppProcess>, hurry: AbortSignal): Promise<void> {
  const stops = new Map<AppProcess, Promise<void>>()
  const dependents = (name: string) =>
    [...processes.values()].filter(({ settings }) => settings.dependsOn.includes(name))
  const stop = async (process: AppProcess): Promise<void> => {
    if (!hurry.aborted) await Promise.all(dependents(process.settings.app).map(stopOnce))
    process.dispatch({ type: 'stop', why: 'config' })
    if (hurry.aborted) process.dispatch({ type: 'kill-due' })
    await untilStopped(process)
  }
  const stopOnce = (process: AppProcess): Promise<void> => {
    const begun = stops.get(process) ?? stop(process)
    stops.set(process, begun)
    return begun
  }
  const onHurry = () => {
    for (const process of processes.values()) {
      process.dispatch({ type: 'stop', why: 'config' })
      process.dispatch({ type: 'kill-due' })
    }
  }
  hurry.addEventListener('abort', onHurry, { once: true })
  await Promise.all([...processes.values()].map(stopOnce))
  hurry.removeEventListener('abort', onHurry)
}
