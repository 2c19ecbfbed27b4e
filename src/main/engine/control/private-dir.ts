import { chmod, lstat, mkdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import type { Platform } from '../../platform/platform.js'

const OTHERS = 0o077
const STICKY = 0o1000

/**
 * Makes the directory when it is missing and sees to it that nobody but this user may look inside (mode 0700).
 * Windows is left to the access rights that a profile directory inherits.
 *
 * @returns the directory's path with links resolved
 * @throws Fault `usage` for a directory that is plainly not Portico's alone, `forbidden` for one owned by another user
 */
export async function ensurePrivateDir(directory: string, platform: Platform): Promise<string> {
  const made = path.resolve(directory)
  try {
    await mkdir(made, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw unusable(made, cause)
  }
  const real = await realpath(made)
  if (platform !== 'win32') await tighten(real)
  return real
}

/**
 * True when the path itself (not a link's target) is a directory that only this user may enter. A directory in a
 * shared place such as /tmp is trusted only then: anyone could have made it first.
 */
export async function isPrivateDir(directory: string): Promise<boolean> {
  const stats = await lstat(directory).catch(() => null)
  return stats?.isDirectory() === true && stats.uid === process.getuid?.() && (stats.mode & OTHERS) === 0
}

/** The directory's path with links resolved, or as given (made absolute) when it does not exist. */
export async function canonicalDir(directory: string): Promise<string> {
  const absolute = path.resolve(directory)
  return realpath(absolute).catch(() => absolute)
}

async function tighten(directory: string): Promise<void> {
  const stats = await lstat(directory)
  const user = process.getuid?.()
  if (user !== 0 && stats.uid !== user) {
    throw new Fault(
      'forbidden',
      `The data directory ${directory} belongs to another user.`,
      'Choose one of your own with --data-dir.',
    )
  }
  if ((stats.mode & OTHERS) === 0) return
  const shared = (stats.mode & STICKY) !== 0 || directory === path.parse(directory).root || directory === homedir()
  if (shared) {
    throw new Fault(
      'usage',
      `${directory} cannot be a data directory: it must be closed to other users, and this one serves other purposes.`,
      `Choose a directory inside it, such as --data-dir ${path.join(directory, 'portico')}.`,
    )
  }
  await chmod(directory, 0o700)
}

function unusable(directory: string, cause: unknown): Fault {
  const code = (cause as NodeJS.ErrnoException).code
  const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a part of the path is a file' : String(code ?? cause)
  return new Fault(
    'config-unwritable',
    `The data directory ${directory} cannot be made: ${reason}.`,
    'Choose another one with --data-dir.',
    { cause },
  )
}
