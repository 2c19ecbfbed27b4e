import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** How long fetching Electron's runtime may take before the gateway starts without it. */
const FETCH_MS = 120_000

export interface LaunchFacts {
  platform: NodeJS.Platform
  env: NodeJS.ProcessEnv
  /** what the person gave on the command line; these are options of `portico serve` */
  args: readonly string[]
}

/** Why the desktop app cannot be shown here, in one sentence; null when nothing speaks against it. */
export function headlessReason({ platform, env, args }: LaunchFacts): string | null {
  if (args.length > 0) return 'Options were given, which are those of the headless gateway: it starts without a window.'
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return 'There is no display here: the gateway starts without a window of its own.'
  return null
}

/**
 * The Electron executable of this project, fetched once when it is not there.
 *
 * @param packageDir `node_modules/electron`
 * @returns null when it cannot be had: no network, no such platform, or it takes too long
 */
export async function electronRuntime(packageDir: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  return (
    installedRuntime(packageDir, env) ?? ((await fetchRuntime(packageDir)) ? installedRuntime(packageDir, env) : null)
  )
}

/** The executable that is there already, by the same rules as Electron's own package; null when there is none. */
export function installedRuntime(packageDir: string, env: NodeJS.ProcessEnv): string | null {
  const pathFile = path.join(packageDir, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : null
  const folder = env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(packageDir, 'dist')
  const executable = path.join(folder, name ?? 'electron')
  return (name !== null || env.ELECTRON_OVERRIDE_DIST_PATH !== undefined) && existsSync(executable) ? executable : null
}

function fetchRuntime(packageDir: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const child = spawn(process.execPath, [path.join(packageDir, 'install.js')], { stdio: 'ignore', timeout: FETCH_MS })
  child.once('error', () => resolve(false))
  child.once('exit', (code) => resolve(code === 0))
  return promise
}
