import { once } from 'node:events'
import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import type net from 'node:net'
import { Fault } from '../../../shared/fault.js'
import type { ControlEndpoint } from './endpoint.js'
import { isPrivateDir } from './private-dir.js'

/**
 * Has a server listen at an endpoint of a data directory, for this user alone. The caller holds the directory's
 * InstanceLock: a socket that is left there is a dead one.
 *
 * @param dataDir private, its links resolved
 * @throws Fault `listen-failed`
 */
export async function listenPrivately(
  server: net.Server,
  { path, directory }: ControlEndpoint,
  dataDir: string,
): Promise<void> {
  if (directory !== null && directory !== dataDir) await ensureShortDir(directory)
  if (directory !== null) await removeDeadSocket(path)
  const listening = once(server, 'listening')
  // bind() makes the file with these rights before listen() lets anyone in, both inside this call: no moment is open.
  const before = directory === null ? null : process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    if (before !== null) process.umask(before)
  }
  await listening.catch((cause) => {
    throw listenFailed(path, cause)
  })
  if (directory !== null) await chmod(path, 0o600)
}

async function ensureShortDir(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 }).catch(() => undefined)
  if (await isPrivateDir(directory)) return
  throw new Fault(
    'listen-failed',
    `The directory ${directory} for the control socket is missing or open to other users.`,
    'Remove it, or choose a data directory with a shorter path by --data-dir.',
  )
}

async function removeDeadSocket(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => null)
  if (stats === null) return
  if (!stats.isSocket()) {
    throw new Fault('listen-failed', `${path} is in the way: it is not a socket.`, 'Move it elsewhere and start again.')
  }
  await rm(path)
}

function listenFailed(path: string, cause: unknown): Fault {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new Fault(
    'listen-failed',
    `The control socket ${path} cannot be opened: ${reason}.`,
    'Choose a data directory on a local disk with --data-dir.',
    { cause },
  )
}
