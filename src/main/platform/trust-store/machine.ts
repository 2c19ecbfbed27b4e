import { access, constants, readdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'
import type { RunProgram } from '../plan/run-program.js'
import type { Platform } from '../platform.js'

/** The machine as trust stores look at it. Tests have one that is a folder of files and recorded outputs. */
export interface Machine {
  platform: Platform
  env: NodeJS.ProcessEnv
  /** home directory of the person */
  home: string
  /** before every path that is looked at, and that a setting changes; empty but in tests */
  root: string
  run: RunProgram
}

/** The text of a file; null when it is not there or may not be read. */
export async function readText({ root }: Machine, file: string): Promise<string | null> {
  try {
    return await readFile(root + file, 'utf8')
  } catch {
    return null
  }
}

/** Names in a folder, sorted; none when it is not there or may not be read. */
export async function namesIn({ root }: Machine, folder: string): Promise<string[]> {
  try {
    return (await readdir(root + folder)).sort()
  } catch {
    return []
  }
}

export function exists({ root }: Machine, file: string): Promise<boolean> {
  return reaches(root + file, constants.F_OK)
}

export function mayWrite({ root }: Machine, file: string): Promise<boolean> {
  return reaches(root + file, constants.W_OK)
}

/** The file itself, behind symbolic links; the path as it is when that cannot be found out. */
export async function realFile({ root }: Machine, file: string): Promise<string> {
  try {
    const real = await realpath(root + file)
    return root !== '' && real.startsWith(root) ? real.slice(root.length) : real
  } catch {
    return file
  }
}

/** The absolute path of the first of these programs that PATH has; null when it has none. */
export async function findProgram(machine: Machine, ...names: string[]): Promise<string | null> {
  const folders = (machine.env.PATH ?? '').split(machine.platform === 'win32' ? ';' : ':')
  for (const name of names) {
    for (const folder of folders.filter((one) => path.isAbsolute(one))) {
      const file = path.join(folder, name)
      if (await reaches(machine.root + file, constants.X_OK)) return file
    }
  }
  return null
}

async function reaches(file: string, mode: number): Promise<boolean> {
  try {
    await access(file, mode)
    return true
  } catch {
    return false
  }
}
