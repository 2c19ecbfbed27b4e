import { readFile } from 'node:fs/promises'
import type { Platform } from './platform.js'
import { parseSocketUsers } from './port-discovery/socket-table.js'

/** A connection of this machine to itself, as the side sees it that accepted it. */
export interface LocalPeer {
  /** of the other side, an IP literal; IPv4-mapped IPv6 written as IPv4 */
  address: string
  port: number
}

/**
 * Whether the program at the other side of a connection is another user's. Root is nobody else: it may do everything
 * anyway. False where that cannot be known: on other systems than Linux, and for peers outside of this network namespace.
 */
export async function isOtherUsers(platform: Platform, { address, port }: LocalPeer): Promise<boolean> {
  const own = process.getuid?.()
  if (platform !== 'linux' || own === undefined) return false
  const files = ['/proc/net/tcp', '/proc/net/tcp6']
  const tables = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))
  return tables
    .flatMap((table) => parseSocketUsers(table, port))
    .some((socket) => socket.address === address && socket.user !== own && socket.user !== 0)
}
