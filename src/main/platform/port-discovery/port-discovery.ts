import type { Platform } from '../platform.js'
import { LsofScanner } from './darwin.js'
import { ProcScanner } from './linux.js'
import { NetstatScanner } from './windows.js'

/** A TCP socket of this machine that accepts connections. */
export interface ListeningSocket {
  /** `127.0.0.1`, `::1`, `0.0.0.0`, `::` or any other address of this machine */
  address: string
  port: number
  /** null when this user may not know */
  process: ListeningProcess | null
}

export interface ListeningProcess {
  pid: number
  /** name of its program, without path and arguments */
  command: string
  /** its working directory, absolute; null when that cannot be found out */
  folder: string | null
  /** the program with its arguments, separated by spaces; null when that cannot be found out */
  commandLine: string | null
}

/** One system's way to find out who listens. A scanner remembers what it found, so that the next scan costs less. */
export interface PortScanner {
  /** Every listening TCP socket. Rejects when the system's own tools cannot be had. */
  scan(): Promise<ListeningSocket[]>
}

/** The scanner of a system: procfs, lsof(8) or netstat. */
export function portScanner(platform: Platform): PortScanner {
  if (platform === 'darwin') return new LsofScanner()
  if (platform === 'win32') return new NetstatScanner()
  return new ProcScanner()
}
