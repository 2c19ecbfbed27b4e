import { userInfo } from 'node:os'
import type { Platform } from './platform.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The profile of a shell may wait for something that never comes. */
const SHELL_MS = 5_000
const MARK = '_portico_environment_'
/** What belongs to the shell that was asked, and not to its user. */
const OWN = new Set(['SHLVL', 'PWD', 'OLDPWD', '_'])
/** Keeps well-known profiles from asking or from starting a terminal of their own. */
const QUIET = { DISABLE_AUTO_UPDATE: 'true', ZSH_TMUX_AUTOSTART: 'false' }

/**
 * The environment that the user's terminals have. A program that was started from a menu or the Finder has little of it:
 * a PATH without the package managers that a profile adds, so that `npm` would not be found.
 *
 * @param env that of this process; it is the answer when it comes from a terminal, on Windows, and when the user's shell
 *   does not tell
 */
export async function loginEnvironment(platform: Platform, env: Environment): Promise<Environment> {
  if (platform === 'win32' || env.TERM !== undefined) return env
  const shell = env.SHELL ?? userInfo().shell ?? (platform === 'darwin' ? '/bin/zsh' : '/bin/sh')
  const script = `printf %s ${MARK}; env -0 2>/dev/null || env; printf %s ${MARK}`
  const { execa } = await import('execa') // an idle gateway does without
  const { stdout, failed } = await execa(shell, ['-ilc', script], {
    env: { ...env, ...QUIET },
    extendEnv: false,
    stdin: 'ignore',
    timeout: SHELL_MS,
    killSignal: 'SIGKILL',
    reject: false,
    stripFinalNewline: false,
  })
  const told = failed || typeof stdout !== 'string' ? null : readEnvironment(stdout)
  return told === null ? env : { ...env, ...told }
}

/**
 * Reads what `env` printed between two marks, whatever the profile printed around them.
 *
 * @param output entries end in NUL, or in line ends where `env` cannot do that
 * @returns null when the marks are not there, or no PATH between them
 */
export function readEnvironment(output: string): Record<string, string> | null {
  const printed = output.split(MARK)[1]
  if (printed === undefined) return null
  const entries = printed.includes('\0') ? printed.split('\0') : printed.split(/\n(?=[A-Za-z_][A-Za-z0-9_]*=)/)
  const found: Record<string, string> = {}
  for (const entry of entries) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && !OWN.has(name) && !Object.hasOwn(QUIET, name))
      found[name] = entry.slice(equals + 1).replace(/\n$/, '')
  }
  return found.PATH === undefined ? null : found
}
