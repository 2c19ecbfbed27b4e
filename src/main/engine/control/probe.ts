import { once } from 'node:events'
import net from 'node:net'
import type { Platform } from '../../platform/platform.js'
import { localEndpoint } from './endpoint.js'
import { canonicalDir } from './private-dir.js'

const NOBODY = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EINVAL']
const PATIENCE_MS = 1_000

/**
 * True when a process takes connections at the data directory's control endpoint, even one too busy to answer.
 *
 * @param name of another endpoint of it
 */
export async function isAnswering(dataDir: string, platform: Platform, name?: string): Promise<boolean> {
  const { path } = localEndpoint(await canonicalDir(dataDir), platform, name)
  const socket = net.connect(path)
  socket.on('error', () => socket.destroy())
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) })
    return true
  } catch (error) {
    return !NOBODY.includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    socket.destroy()
  }
}
