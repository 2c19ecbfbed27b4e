import type { Platform } from '../platform.js'
import { type ListeningProcess, type ListeningSocket, portScanner } from '../port-discovery/port-discovery.js'
import { shortCommandLine } from './short-command-line.js'

/** A process that listens on a port. */
export interface PortHolder {
  pid: number
  /** its command, without arguments */
  command: string
}

/** What may be known of it. */
export interface SeenHolder {
  pid: number | null
  /** with its arguments, where those are to be had */
  command: string | null
}

type KnownListener = ListeningSocket & { process: ListeningProcess }

/**
 * Finds who listens on a TCP port of this machine.
 *
 * @returns null when nobody does, or when this user may not know
 */
export async function findPortHolder(port: number, platform: Platform): Promise<PortHolder | null> {
  return (await listeners(port, platform)).find(isKnown)?.process ?? null
}

/**
 * Finds who listens on a TCP port of this machine, to say it as `PID 812 (node server.js)`.
 *
 * @returns null when nobody is seen to listen; null in both fields when somebody does, but this user may not know who
 */
export async function holderOf(port: number, platform: Platform): Promise<SeenHolder | null> {
  return holderAmong(await listeners(port, platform))
}

/** The first of these sockets, all of one port, whose process is known. */
export function holderAmong(sockets: readonly ListeningSocket[]): SeenHolder | null {
  if (sockets.length === 0) return null
  const holder = sockets.find(isKnown)?.process
  if (holder === undefined) return { pid: null, command: null }
  return { pid: holder.pid, command: shortCommandLine(holder.command, holder.commandLine) }
}

/** `nginx (PID 812)`, for messages. */
export function describeHolder({ pid, command }: PortHolder): string {
  return `${command} (PID ${pid})`
}

async function listeners(port: number, platform: Platform): Promise<ListeningSocket[]> {
  try {
    return (await portScanner(platform).scan()).filter((socket) => socket.port === port)
  } catch {
    return [] // it only words an error message; not knowing is an answer
  }
}

function isKnown(socket: ListeningSocket): socket is KnownListener {
  return socket.process !== null
}
