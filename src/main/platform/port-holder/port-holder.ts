import type { Platform } from '../platform.js'
import { portScanner } from '../port-discovery/port-discovery.js'

/** A process that listens on a port. */
export interface PortHolder {
  pid: number
  /** its command, without arguments */
  command: string
}

/**
 * Finds who listens on a TCP port of this machine.
 *
 * @returns null when nobody does, or when this user may not know
 */
export async function findPortHolder(port: number, platform: Platform): Promise<PortHolder | null> {
  try {
    const sockets = await portScanner(platform).scan()
    return sockets.find((socket) => socket.port === port && socket.process !== null)?.process ?? null
  } catch {
    return null // it only words an error message; not knowing is an answer
  }
}

/** `nginx (PID 812)`, for messages. */
export function describeHolder({ pid, command }: PortHolder): string {
  return `${command} (PID ${pid})`
}
