import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { FOLDER_NAME, foldersIn } from './cache-settings.js'

/**
 * Removes what caches that the config no longer has left on disk. What goes wrong is left for the next start.
 *
 * @param used folders of the caches of the config, asked for before each removal
 * @returns how many were removed
 */
export async function removeUnusedFolders(dataDir: string, used: () => ReadonlySet<string>): Promise<number> {
  const root = foldersIn(dataDir)
  const names = await readdir(root).catch(() => [])
  let removed = 0
  for (const name of names) {
    const folder = path.join(root, name)
    if (!FOLDER_NAME.test(name) || used().has(folder)) continue
    removed += await rm(folder, { recursive: true, force: true }).then(
      () => 1,
      () => 0,
    )
  }
  return removed
}
