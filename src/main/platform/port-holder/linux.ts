import { readdir, readFile, readlink } from 'node:fs/promises'
import type { PortHolder } from './port-holder.js'

const LISTEN_STATE = '0A'

/** Looks up the listening socket in /proc/net and then the process that has it open (proc(5)). */
export async function holderByProc(port: number): Promise<PortHolder | null> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  )
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return null
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (await hasSocket(pid, inodes)) {
      const command = await readFile(`/proc/${pid}/comm`, 'utf8')
      return { pid: Number(pid), command: command.trim() }
    }
  }
  return null
}

/** Socket inodes that listen on the port, from a table as /proc/net/tcp has it. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN_STATE && columns[1]?.endsWith(`:${wanted}`))
    .map((columns) => columns[9] as string)
}

async function hasSocket(pid: string, inodes: Set<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const handles = await readdir(folder).catch(() => [])
  for (const handle of handles) {
    const target = await readlink(`${folder}/${handle}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined && inodes.has(inode)) return true
  }
  return false
}
