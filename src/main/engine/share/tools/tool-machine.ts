import { constants } from 'node:fs'
import { access, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { Platform } from '../../../platform/platform.js'
import type { ToolMachine } from './tool.js'

/**
 * The machine that this process runs on.
 *
 * @param env that the person's terminals have: tools are found by its PATH, and read their accounts from it
 */
export function thisToolMachine(platform: Platform, env: Readonly<Record<string, string | undefined>>): ToolMachine {
  return {
    platform,
    env,
    home: env.HOME ?? env.USERPROFILE ?? homedir(),
    readText: (file) => readFile(file, 'utf8').catch(() => null),
    runnable: async (file) => {
      try {
        await access(file, constants.X_OK)
        return (await stat(file)).isFile()
      } catch {
        return false
      }
    },
    run: async (program, args, { timeoutMs, env: more = {} }) => {
      const { execa } = await import('execa') // an idle gateway does without
      const { exitCode, stdout, stderr } = await execa(program, args, {
        env: { ...env, ...more },
        extendEnv: false,
        stdin: 'ignore',
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT,
        windowsHide: true,
        reject: false,
      })
      return { code: exitCode ?? null, stdout, stderr }
    },
  }
}

/** The state of a tailnet with thousands of machines is megabytes. */
const MAX_OUTPUT = 64 * 1024 * 1024
