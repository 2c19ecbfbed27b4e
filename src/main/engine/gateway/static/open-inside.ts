import { type BigIntStats, constants, existsSync } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { describeFailure, NOT_A_FILE } from './reply.js'

/** An open regular file that was proved to lie inside its root; whoever holds it closes the handle. */
export interface OpenFile {
  handle: FileHandle
  /** of the handle, not of the path: the path may name another file by now */
  stats: BigIntStats
}

export type Opened =
  | { kind: 'file'; file: OpenFile }
  | { kind: 'directory' }
  | { kind: 'missing' }
  | { kind: 'refused'; status: 403 | 503; reason: string }

/** Finds the real path of an open file, or null when that cannot be known for certain. */
export type Locate = (file: OpenFile, candidate: string) => Promise<string | null>

/**
 * Opens a regular file below a root. Symbolic links are followed as long as they end inside. What counts is the file
 * that was opened, not the path that was looked at before: the containment check comes after the open, so that a link
 * swapped in between changes nothing.
 * @param root real path of the root (no symbolic link in it)
 * @param segments names as `resolvePath` lets them through
 * @param locate how to learn where an open file lies
 */
export async function openInside(root: string, segments: string[], locate: Locate = locateOpen): Promise<Opened> {
  const candidate = path.join(root, ...segments)
  try {
    // Opening a device or a FIFO can have effects of its own, so most are turned away unopened.
    const seen = await stat(candidate)
    if (seen.isDirectory()) return isInside(root, await realpath(candidate)) ? { kind: 'directory' } : OUTSIDE
    return seen.isFile() ? await openAndProve(root, candidate, locate) : IRREGULAR
  } catch (error) {
    const { status, reason } = describeFailure(error)
    return status === 404 ? { kind: 'missing' } : { kind: 'refused', status, reason }
  }
}

async function openAndProve(root: string, candidate: string, locate: Locate): Promise<Opened> {
  const handle = await open(candidate, OPEN_FLAGS)
  let kept = false
  try {
    const file = { handle, stats: await handle.stat({ bigint: true }) }
    if (!file.stats.isFile()) return IRREGULAR
    const real = await locate(file, candidate)
    if (real === null || !isInside(root, real)) return OUTSIDE
    kept = true
    return { kind: 'file', file }
  } finally {
    if (!kept) await handle.close()
  }
}

/** Asks the kernel where the descriptor points: immune to whatever happens to the path (Linux). */
export const locateByDescriptor: Locate = ({ handle }) => readlink(`/proc/self/fd/${handle.fd}`)

/**
 * Where the kernel offers no such answer: resolves the path again and trusts it only when it leads to the very file
 * that is open. Both identities come from open handles, because Windows reports other device numbers for paths.
 */
export const locateByIdentity: Locate = async ({ stats }, candidate) => {
  const real = await realpath(candidate)
  const again = await open(real, OPEN_FLAGS)
  try {
    const { dev, ino } = await again.stat({ bigint: true })
    return dev === stats.dev && ino === stats.ino ? real : null
  } finally {
    await again.close()
  }
}

const locateOpen = existsSync('/proc/self/fd') ? locateByDescriptor : locateByIdentity

/** Non-blocking, because a FIFO may have taken the file's place since it was looked at; both flags are 0 on Windows. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)

const OUTSIDE: Opened = { kind: 'refused', status: 403, reason: 'a symbolic link leads out of the directory' }
const IRREGULAR: Opened = { kind: 'refused', status: 403, reason: NOT_A_FILE }

function isInside(root: string, real: string): boolean {
  const relative = path.relative(root, real)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}
