import { type Lsof, parseFolders, parseListeners } from './lsof-output.js'
import type { ListeningProcess, ListeningSocket, PortScanner } from './port-discovery.js'

type Details = Pick<ListeningProcess, 'folder' | 'commandLine'>

/** Asks lsof(8) who listens; folders and command lines, from lsof and ps(1), are asked for once per process. */
export class LsofScanner implements PortScanner {
  /** by pid and command: a number that another program got meanwhile is another process */
  #details = new Map<string, Details>()

  async scan(): Promise<ListeningSocket[]> {
    const listeners = parseListeners(await lsof('-nP', '+c0', '-iTCP', '-sTCP:LISTEN', '-Fpcnt'))
    const details = await this.#detailsOf(listeners)
    this.#details = details
    return listeners.map(({ pid, command, address, port }) => ({
      address,
      port,
      process: { pid, command, ...(details.get(`${pid} ${command}`) ?? { folder: null, commandLine: null }) },
    }))
  }

  async #detailsOf(listeners: Lsof[]): Promise<Map<string, Details>> {
    const processes = new Map(listeners.map(({ pid, command }) => [`${pid} ${command}`, pid]))
    const unknown = [...processes].filter(([key]) => !this.#details.has(key)).map(([, pid]) => pid)
    const folders = unknown.length === 0 ? new Map() : await foldersOf(unknown)
    const commandLines = unknown.length === 0 ? new Map() : await commandLinesOf(unknown)
    return new Map(
      [...processes].map(([key, pid]) => [
        key,
        this.#details.get(key) ?? { folder: folders.get(pid) ?? null, commandLine: commandLines.get(pid) ?? null },
      ]),
    )
  }
}

async function foldersOf(pids: number[]): Promise<Map<number, string>> {
  return parseFolders(await lsof('-w', '-a', '-d', 'cwd', '-p', pids.join(','), '-Fpn'))
}

async function commandLinesOf(pids: number[]): Promise<Map<number, string>> {
  const { execa } = await import('execa')
  const { stdout } = await execa('ps', ['-ww', '-o', 'pid=,command=', '-p', pids.join(',')], {
    timeout: 3_000,
    reject: false,
  })
  const rows = (stdout ?? '').split('\n').map((line) => /^\s*(\d+)\s+(.+)$/.exec(line))
  return new Map(rows.flatMap((row) => (row === null ? [] : [[Number(row[1]), row[2] as string] as const])))
}

/** It also fails, with status 1 and its output complete, when nothing was found or a process had ended meanwhile. */
async function lsof(...words: string[]): Promise<string> {
  const { execa } = await import('execa')
  const result = await execa('lsof', words, { timeout: 3_000, reject: false })
  if (result.exitCode === 0 || result.exitCode === 1) return result.stdout
  throw result
}
