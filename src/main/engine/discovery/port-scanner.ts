/** What discovery needs of the platform. */
export interface PortScanner {
  /** Every TCP socket of this machine that listens. Rejects when that cannot be found out. */
  scan(): Promise<ListeningSocket[]>
}

export interface ListeningSocket {
  /** without brackets; `0.0.0.0` and `::` stand for every address */
  address: string
  port: number
  /** null when this user may not know */
  process: ListeningProcess | null
}

export interface ListeningProcess {
  pid: number
  /** without path and arguments */
  command: string
  /** absolute; null when unknown */
  folder: string | null
  /** with its arguments; null when unknown */
  commandLine: string | null
}
