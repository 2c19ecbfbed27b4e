import { accessSync, constants, readdirSync } from 'node:fs'
import path from 'node:path'

/** Whether a program that a test needs is installed. Where it is not, the test is said to be skipped; in CI it fails. */
export function requirement(program: string): boolean {
  if (isInstalled(program)) return true
  if (process.env.CI === 'true') throw new Error(`${program} is not installed, so this cannot be tested`)
  console.warn(`SKIPPED what needs ${program}: it is not installed`)
  return false
}

function isInstalled(program: string): boolean {
  return pathOf(program) !== null
}

/** Where a program is; null when it is not installed. Debian keeps those of PostgreSQL out of the PATH. */
export function pathOf(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', ...postgresFolders()]
  return folders.map((folder) => path.join(folder, program)).find(isExecutable) ?? null
}

function postgresFolders(): string[] {
  const base = '/usr/lib/postgresql'
  try {
    return readdirSync(base).map((version) => path.join(base, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
