import type { DiscoveredPort } from '../../shared/window-schemas.js'
import { plain } from './escape.js'
import { styled } from './output.js'

/**
 * Each port with what is known of it, and below it the command that serves it.
 *
 * @param program the words that call `portico`
 */
export function formatPorts(ports: readonly DiscoveredPort[], program: string): string[] {
  if (ports.length === 0) return ['Nothing that could be an app listens on this machine.']
  return ports.flatMap((found) => {
    const indent = ' '.repeat(7)
    const next =
      found.app === null
        ? `${program} app add ${found.proposedName} --port ${found.port}`
        : styled('dim', `served as the app ${plain(found.app)}`)
    return [`${styled('bold', String(found.port).padEnd(5))}  ${describe(found)}`, `${indent}${next}`]
  })
}

/** `Vite  node (PID 812)  /code/shop`; what is not known is left out. */
function describe({ framework, command, pid, folder }: DiscoveredPort): string {
  const process = command === null ? 'a process of another user' : `${command} (PID ${pid})`
  return [framework, process, folder]
    .filter((part) => part !== null)
    .map(plain)
    .join('  ')
}
