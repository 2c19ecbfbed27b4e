import type { Platform } from '../platform.js'

/** How steps that need an administrator get their rights. */
export type ElevationWay = 'already' | 'sudo' | 'sudo-askpass' | 'sudo-silent' | 'pkexec' | 'osascript' | 'uac'

/** What decides it. */
export interface ElevationFacts {
  platform: Platform
  /** whether this process is root; on Windows, whether it runs as administrator */
  isRoot: boolean
  /** whether this process has a terminal at which a person can be asked */
  terminal: boolean
  /** whether the person looks at a window, and would not see a question in the terminal */
  window: boolean
  env: NodeJS.ProcessEnv
  /** which of sudo, pkexec can be found */
  programs: ReadonlySet<string>
  /** whether sudo asks for nothing */
  sudoIsFree: boolean
}

/**
 * The way that asks the person least: none where the rights are there already, then where the person looks, the terminal
 * or a dialog of the system, then the other. Null where nobody can be asked.
 */
export function chooseElevation(facts: ElevationFacts): ElevationWay | null {
  const { platform, isRoot, terminal, window, env, programs, sudoIsFree } = facts
  if (isRoot) return 'already'
  if (platform === 'win32') return 'uac'
  const sudo = programs.has('sudo')
  const display = [env.DISPLAY, env.WAYLAND_DISPLAY].some((name) => name !== undefined && name !== '')
  const dialog = platform === 'darwin' ? 'osascript' : programs.has('pkexec') && display ? 'pkexec' : null
  if (sudo && sudoIsFree) return 'sudo-silent'
  if (window && dialog !== null) return dialog
  if (sudo && terminal) return 'sudo'
  if (dialog !== null) return dialog
  if (sudo && env.SUDO_ASKPASS !== undefined && env.SUDO_ASKPASS !== '') return 'sudo-askpass'
  return programs.has('pkexec') && terminal ? 'pkexec' : null
}
