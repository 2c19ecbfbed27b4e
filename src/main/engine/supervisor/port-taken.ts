import type { ExitStatus } from './app-child.js'

/** Who has a port: null in a field when this user may not know. */
export interface PortHolder {
  pid: number | null
  command: string | null
}

const IN_USE =
  /EADDRINUSE|address already in use|address in use|port (?:\d+ )?is (?:already )?in use|only one usage of each socket address/i
const PORT_IN_LINE = /(?:\bport |[:\]])(\d{3,5})\b/gi

/** Such as: port 3000 is already taken by PID 812 (node server.js) */
export function portTaken(port: number, holder: PortHolder | null): string {
  const taken = `port ${port} is already taken`
  if (holder === null) return taken
  if (holder.pid === null) return `${taken} by a process of another user`
  return `${taken} by PID ${holder.pid}${holder.command === null ? '' : ` (${holder.command})`}`
}

/**
 * The port that a process could not listen on, by what it printed last.
 *
 * @param own the port that it was told to listen on, for messages that name none
 * @returns null when it did not complain of one
 */
export function refusedPort(lastLines: readonly string[], own: number): number | null {
  const complaints = lastLines.filter((text) => IN_USE.test(text))
  if (complaints.length === 0) return null
  const named = complaints.flatMap((text) => [...text.matchAll(PORT_IN_LINE)].map((match) => Number(match[1])))
  return named.filter((port) => port < 65_536).at(-1) ?? own
}

/** Such as "It exited with code 1 before it was ready". */
export function exitText({ code, signal }: ExitStatus, wasReady: boolean): string {
  const how =
    signal !== null ? `It was ended by ${signal}` : code === 0 ? 'It ended by itself' : `It exited with code ${code}`
  return wasReady ? how : `${how} before it was ready`
}
