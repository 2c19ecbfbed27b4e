import path from 'node:path'
import type { ToolMachine } from './tool.js'

type Surroundings = Pick<ToolMachine, 'platform' | 'env' | 'home'>

/** Where installers put programs, for when PATH lacks it: a program that was started by a click has a short one. */
export function usualPlaces(program: string, { platform, env, home }: Surroundings): string[] {
  if (platform === 'win32') {
    const { join } = path.win32
    const folders = [
      ...programFiles(env).map((folder) => join(folder, program)),
      join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Microsoft', 'WinGet', 'Links'),
      join(env.ProgramData ?? 'C:\\ProgramData', 'chocolatey', 'bin'),
      join(home, 'scoop', 'shims'),
    ]
    return folders.map((folder) => join(folder, `${program}.exe`))
  }
  const { join } = path.posix
  const folders =
    platform === 'darwin'
      ? ['/opt/homebrew/bin', '/usr/local/bin', '/opt/local/bin']
      : ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/snap/bin', '/home/linuxbrew/.linuxbrew/bin']
  return [...folders, join(home, '.local', 'bin'), join(home, 'bin')].map((folder) => join(folder, program))
}

/** `C:\Program Files`, for programs of 64 bits and of 32. */
export function programFiles(env: Surroundings['env']): string[] {
  const known = [env.ProgramW6432, env.ProgramFiles, env['ProgramFiles(x86)']].filter((folder) => folder !== undefined)
  return known.length === 0 ? ['C:\\Program Files', 'C:\\Program Files (x86)'] : [...new Set(known)]
}
