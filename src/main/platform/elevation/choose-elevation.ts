import type { Platform } from '../platform.js'

/** How steps that need an administrator get their rights. */
export type ElevationWay = 'already' | 'sudo' | 'sudo-askpass' | 'sudo-silent' | 'pkexec' | 'osascript' | 'uac'

/** What decides it. */
export interface ElevationFacts {
  platform: Platform
  /** whether this process is root; on Windows, whether it runs as administrator */
  isRoot: boolean
  /** whether a person sits at the terminal of this process and can be asked there */
  terminal: boolean
  env: NodeJS.ProcessEnv
  /** which of sudo, pkexec can be found */
  programs: ReadonlySet<string>
  /** whether sudo asks for nothing */
  sudoIsFree: boolean
}

/**
 * The way that asks the person least: none where the rights are there already, the terminal when there is one, else a
 * window of the system. Null where nobody can be asked.
 */
export function chooseElevation(facts: ElevationFacts): ElevationWay | null {
  const { platform, isRoot, terminal, env, programs, sudoIsFree } = facts
  if (isRoot) return 'already'
  if (platform === 'win32') return 'uac'
  const sudo = programs.has('sudo')
  if (sudo && terminal) return 'sudo'
  if (platform === 'darwin') return 'osascript'
  if (sudo && sudoIsFree) return 'sudo-silent'
  const display = [env.DISPLAY, env.WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '')
  if (programs.has('pkexec') && display) return 'pkexec'
  if (sudo && env.SUDO_ASKPASS !== undefined && env.SUDO_ASKPASS !== '') return 'sudo-askpass'
  return programs.has('pkexec') && terminal ? 'pkexec' : null
}
