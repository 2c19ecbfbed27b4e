import path from 'node:path'

/**
 * Where the window was built to. Packaged, the panel has its copy beside the archive: it proves of each file where it
 * lies, and inside an archive nothing lies anywhere.
 *
 * @param folder absolute; of the module that asks, in `out/main` or a folder of chunks below it
 */
export function windowFolder(folder: string): string {
  const main = folder.replace(/[\\/]chunks$/, '')
  const archive = /^(.*)[\\/][^\\/]+\.asar(?:[\\/]|$)/.exec(main)?.[1]
  return archive === undefined ? path.join(main, '../renderer') : path.join(archive, 'renderer')
}
