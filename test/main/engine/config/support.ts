import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import type { ConfigLog } from '../../../../src/main/engine/config/config-log.js'
import type { ConfigChange } from '../../../../src/main/engine/config/config-store.js'
import { ConfigStore } from '../../../../src/main/engine/config/config-store.js'

export { configText, until } from './await.js'

export const silent: ConfigLog = { info: () => {}, warn: () => {}, error: () => {} }

/** A folder that is removed when the test has ended. */
export async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'portico-config-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** An open store that is closed when the test has ended, with the list of its changes. */
export async function openStore(file: string): Promise<{ store: ConfigStore; changes: ConfigChange[] }> {
  const store = await ConfigStore.open({ file, log: silent })
  onTestFinished(() => store.close())
  const changes: ConfigChange[] = []
  store.onChange((change) => changes.push(change))
  return { store, changes }
}

export function namesOf(store: ConfigStore): string[] {
  return store.current.apps.map((app) => app.name)
}

/** Runs the work without the rights of root, to whom permissions mean nothing. */
export async function unprivileged(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return work()
  const NOBODY = 65_534
  process.seteuid?.(NOBODY)
  try {
    await work()
  } finally {
    process.seteuid?.(0)
  }
}
