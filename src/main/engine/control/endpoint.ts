import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Platform } from '../../platform/platform.js'

export interface EndpointInput {
  /** absolute and with links resolved, so that both sides derive the same endpoint */
  dataDir: string
  platform: Platform
  /** directory for the short path of a data directory whose own path is too long */
  tmpDir: string
  /** numeric user id; unused on Windows */
  uid: number
  /** `control` unless told; another process of the same kind of directory has another one */
  name?: string
}

export interface ControlEndpoint {
  /** what to listen on and connect to */
  path: string
  /** directory that must be private to the user before the socket in it is trusted; null for a named pipe */
  directory: string | null
}

/** `sun_path` holds 104 bytes on macOS and the BSDs, 108 on Linux, the closing NUL included. */
const MAX_SOCKET_PATH = 100
const CONTROL = 'control'

/**
 * Where the control socket of a data directory is: `control.sock` inside it, a short path in the temporary directory
 * when that is longer than a unix socket's address may be, and a named pipe on Windows.
 */
export function controlEndpoint(input: EndpointInput): ControlEndpoint {
  const { dataDir, platform, tmpDir, uid, name = CONTROL } = input
  if (platform === 'win32') {
    const prefix = name === CONTROL ? 'portico' : `portico-${name}`
    return { path: `\\\\.\\pipe\\${prefix}-${shortHash(dataDir.toLowerCase())}`, directory: null }
  }
  const inside = path.posix.join(dataDir, `${name}.sock`)
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH) return { path: inside, directory: dataDir }
  const directory = path.posix.join(tmpDir, `portico-${uid}-${shortHash(dataDir)}`)
  return { path: path.posix.join(directory, `${name}.sock`), directory }
}

/** The endpoint of a data directory, given with links resolved, for this user on this machine. */
export function localEndpoint(dataDir: string, platform: Platform, name = CONTROL): ControlEndpoint {
  return controlEndpoint({ dataDir, platform, tmpDir: tmpdir(), uid: process.getuid?.() ?? 0, name })
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
