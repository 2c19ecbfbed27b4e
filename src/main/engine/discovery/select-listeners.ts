import { OTHER_SERVICE_PORTS, OTHER_SERVICE_PROGRAMS } from './other-services.js'
import type { ListeningProcess, ListeningSocket } from './port-scanner.js'

/** A port on which somebody may serve an app to this machine. */
export interface Candidate {
  port: number
  /** in the order in which a client of this machine tries them */
  addresses: string[]
  process: ListeningProcess | null
}

/** The gateway's own process and ports, which are left out. */
export interface Own {
  pid: number
  ports: readonly number[]
}

/** Which listeners could be apps, one for each port, by port. */
export function selectListeners(sockets: readonly ListeningSocket[], own: Own): Candidate[] {
  const fit = sockets.filter((socket) => isLocal(socket.address) && !isOwn(socket, own) && !isOtherService(socket))
  return [...Map.groupBy(fit, ({ port }) => port)].map(([port, group]) => candidate(port, group)).sort(byPort)
}

/** Loopback addresses (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3) and those that stand for all. */
function isLocal(address: string): boolean {
  return address === '::1' || address === '::' || address === '0.0.0.0' || address.startsWith('127.')
}

function isOwn({ port, process }: ListeningSocket, own: Own): boolean {
  return process === null ? own.ports.includes(port) : process.pid === own.pid
}

function isOtherService({ port, process }: ListeningSocket): boolean {
  if (OTHER_SERVICE_PORTS.has(port)) return true
  if (process === null) return false
  return OTHER_SERVICE_PROGRAMS.has(process.command.toLowerCase()) || inspectorPort(process.commandLine) === port
}

/** Port of the debugger that a command line of Node asks for: `--inspect=9333`, `--inspect-brk=127.0.0.1:9333`. */
function inspectorPort(commandLine: string | null): number | null {
  const port = /\s--inspect(?:-brk|-wait)?=(?:\S*:)?(\d+)(?=\s|$)/.exec(commandLine ?? '')?.[1]
  return port === undefined ? null : Number(port)
}

/** Two processes may share a port on different addresses: the one that answers 127.0.0.1 is the one that is met. */
function candidate(port: number, sockets: ListeningSocket[]): Candidate {
  const ordered = sockets.toSorted((a, b) => rank(a.address) - rank(b.address) || a.address.localeCompare(b.address))
  return {
    port,
    addresses: [...new Set(ordered.map(({ address }) => address))],
    process: ordered.find(({ process }) => process !== null)?.process ?? null,
  }
}

function rank(address: string): number {
  if (address.startsWith('127.')) return 0
  return ['0.0.0.0', '::1', '::'].indexOf(address) + 1
}

function byPort(a: Candidate, b: Candidate): number {
  return a.port - b.port
}
