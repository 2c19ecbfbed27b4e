import { accessSync, constants } from 'node:fs'
import path from 'node:path'

/** Whether a program that a test needs is installed. Where it is not, the test is said to be skipped; in CI it fails. */
export function requirement(program: string): boolean {
  if (isInstalled(program)) return true
  if (process.env.CI === 'true') throw new Error(`${program} is not installed, so this cannot be tested`)
  console.warn(`SKIPPED what needs ${program}: it is not installed`)
  return false
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin']
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
