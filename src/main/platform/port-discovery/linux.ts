import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { ListeningProcess, ListeningSocket, PortScanner } from './port-discovery.js'
import { type ProcSocket, parseSocketTable } from './socket-table.js'

/** Where a socket is open: a process and its handle. */
interface Owner {
  pid: string
  handle: string
}

/**
 * Reads the listening sockets from /proc/net and looks for the processes that have them open (proc(5)). The search
 * through all processes is made only when a socket is new; after that, one readlink(2) tells that its owner still has it.
 */
export class ProcScanner implements PortScanner {
  readonly #root: string
  /** by inode; null when no process that this user may look into has it open */
  #owners = new Map<string, Owner | null>()

  /** @param root where procfs is mounted */
  constructor(root = '/proc') {
    this.#root = root
  }

  async scan(): Promise<ListeningSocket[]> {
    const sockets = await this.#sockets()
    const owners = await this.#ownersOf(new Set(sockets.map(({ inode }) => inode)))
    this.#owners = owners
    const pids = new Set([...owners.values()].flatMap((owner) => (owner === null ? [] : [owner.pid])))
    const processes = new Map(await Promise.all([...pids].map(async (pid) => [pid, await this.#process(pid)] as const)))
    return sockets.map(({ address, port, inode }) => {
      const owner = owners.get(inode) ?? null
      return { address, port, process: owner === null ? null : (processes.get(owner.pid) ?? null) }
    })
  }

  /** A kernel without IPv6 has no tcp6. */
  async #sockets(): Promise<ProcSocket[]> {
    const tables = await Promise.all(['tcp', 'tcp6'].map((file) => this.#read('net', file)))
    return tables.flatMap((table) => (table === null ? [] : parseSocketTable(table)))
  }

  async #ownersOf(inodes: Set<string>): Promise<Map<string, Owner | null>> {
    const known = await Promise.all([...inodes].map(async (inode) => [inode, await this.#confirmed(inode)] as const))
    const owners = new Map(known.map(([inode, owner]) => [inode, owner ?? null]))
    if (known.every(([, owner]) => owner !== undefined)) return owners
    const wanted = new Set(known.filter(([, owner]) => owner === undefined || owner === null).map(([inode]) => inode))
    for (const [inode, owner] of await this.#search(wanted)) owners.set(inode, owner)
    return owners
  }

  /** The owner found earlier; undefined when there is none, or it has let go: then the socket may have been handed on. */
  async #confirmed(inode: string): Promise<Owner | null | undefined> {
    const owner = this.#owners.get(inode)
    if (owner === undefined || owner === null) return owner
    return (await this.#socketOf(owner)) === inode ? owner : undefined
  }

  /** The process with the lowest number comes first: that is the master, whose workers have the socket from it. */
  async #search(inodes: Set<string>): Promise<Map<string, Owner>> {
    const found = new Map<string, Owner>()
    const pids = (await readdir(this.#root)).filter((name) => /^\d+$/.test(name)).map(Number)
    for (const pid of pids.sort((a, b) => a - b).map(String)) {
      // Processes end while they are looked at, and those of other users are closed to us.
      const handles = await readdir(path.join(this.#root, pid, 'fd')).catch(() => [])
      for (const handle of handles) {
        const inode = await this.#socketOf({ pid, handle })
        if (inode !== null && inodes.has(inode) && !found.has(inode)) found.set(inode, { pid, handle })
      }
      if (found.size === inodes.size) break
    }
    return found
  }

  async #socketOf({ pid, handle }: Owner): Promise<string | null> {
    const target = await this.#link(pid, 'fd', handle)
    return /^socket:\[(\d+)\]$/.exec(target ?? '')?.[1] ?? null
  }

  /** `exe` before `comm`, which is the name of a thread ("MainThread" in Node) and cut after 15 bytes. */
  async #process(pid: string): Promise<ListeningProcess | null> {
    const [program, name, folder, commandLine] = await Promise.all([
      this.#link(pid, 'exe'),
      this.#read(pid, 'comm'),
      this.#link(pid, 'cwd'),
      this.#read(pid, 'cmdline'),
    ])
    const command = program === null ? name?.trim() : path.basename(withoutDeleted(program))
    const words = commandLine?.replace(/\0+$/, '').replaceAll('\0', ' ')
    if (command === undefined || command === '') return null // it has ended
    return {
      pid: Number(pid),
      command,
      folder: folder === null ? null : withoutDeleted(folder),
      commandLine: words === undefined || words === '' ? null : words,
    }
  }

  async #read(...file: string[]): Promise<string | null> {
    return readFile(path.join(this.#root, ...file), 'utf8').catch(() => null)
  }

  async #link(...file: string[]): Promise<string | null> {
    return readlink(path.join(this.#root, ...file)).catch(() => null)
  }
}

/** The kernel marks what has been removed since (proc(5)). */
function withoutDeleted(target: string): string {
  return target.replace(/ \(deleted\)$/, '')
}
