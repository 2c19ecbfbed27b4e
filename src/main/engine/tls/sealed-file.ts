import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import { errorCode, writePrivateFile } from './key-files.js'

/** The CA's key as the keychain has wrapped it, in base64. */
export const SEALED = 'key.sealed'

/** Whether there is one in the directory of an authority. Rejects when that cannot be seen. */
export async function hasSealed(directory: string): Promise<boolean> {
  try {
    return (await readFile(path.join(directory, SEALED))).length > 0
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw new Fault(
      'certificate-invalid',
      `The sealed key of the local CA cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${path.join(directory, SEALED)} a file that this user may read, and start again.`,
      { cause: error },
    )
  }
}

/** Rejects with the file system's error. */
export async function readSealed(directory: string): Promise<Buffer> {
  return Buffer.from(await readFile(path.join(directory, SEALED), 'utf8'), 'base64')
}

/** Whole or not at all, for its owner alone. Rejects with the file system's error. */
export async function writeSealed(directory: string, sealed: Buffer): Promise<void> {
  await writePrivateFile(path.join(directory, SEALED), `${sealed.toString('base64')}\n`)
}
