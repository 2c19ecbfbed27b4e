import { spawn } from 'node:child_process'
import type { Platform } from './platform.js'

/** Some openers are the browser itself and end with it: one that has not failed by then has not failed. */
const PATIENCE_MS = 2_000

/** A program and its arguments. */
export interface OpenCommand {
  file: string
  args: string[]
}

/**
 * The command that shows a URL in the person's browser; null where there is no display to show it on.
 *
 * @param env environment of this process
 */
export function openUrlCommand(platform: Platform, url: string, env: NodeJS.ProcessEnv): OpenCommand | null {
  if (platform === 'darwin') return { file: 'open', args: [url] }
  // Not `start`: the shell would read the characters of the URL as its own.
  if (platform === 'win32') return { file: 'rundll32', args: ['url.dll,FileProtocolHandler', url] }
  const display = [env.DISPLAY, env.WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '')
  return display || env.BROWSER !== undefined ? { file: 'xdg-open', args: [url] } : null
}

/** Opens a URL in the person's browser. False when that is not possible here. */
export async function openUrl(url: string, platform: Platform): Promise<boolean> {
  const command = openUrlCommand(platform, url, process.env)
  return command !== null && runs(command)
}

/** Starts a program that outlives this one. False when it cannot be started, or fails at once. */
function runs({ file, args }: OpenCommand): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { detached: true, stdio: 'ignore' })
    const timer = setTimeout(() => resolve(true), PATIENCE_MS)
    child.on('error', () => settle(false))
    child.on('exit', (code) => settle(code === 0))
    child.unref()

    function settle(outcome: boolean): void {
      clearTimeout(timer)
      resolve(outcome)
    }
  })
}
