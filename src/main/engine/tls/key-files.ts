import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Writes a file that only its owner may read: temp file (0600), fsync, rename, fsync of the directory. A reader sees
 * the old content or the new, never half, also after a crash or a full disk. Rejects with the file system's error.
 */
export async function writePrivateFile(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(path.dirname(file))
}

/**
 * Removes a file with a secret, whose bytes are overwritten before: as good as that is on disks that write elsewhere.
 * Rejects with the file system's error, except that one which is not there is as wanted.
 */
export async function eraseFile(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r+')
    try {
      await handle.write(randomBytes((await handle.stat()).size), 0, undefined, 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  await rm(file, { force: true })
  await syncDirectory(path.dirname(file))
}

/** Makes a directory (and its parents) that only its owner may enter, and closes one that stands open to others. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o700)
}

/** Makes a rename in `directory` survive a power cut. Windows cannot sync directories, and its rename needs no sync. */
export async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EINVAL', 'EACCES'].includes(errorCode(error))) throw error
  }
}

/** The `code` of a Node system error, such as `ENOENT`; empty for anything else. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
