import type { DiscoveredPort } from '../../shared/window-schemas.js'
import { plain } from './escape.js'
import { styled } from './output.js'

/**
 * Each port with what is known of it, and below it the command that serves it.
 *
 * @param addCommand the words of a command that adds such an app
 */
export function formatPorts(
  ports: readonly DiscoveredPort[],
  addCommand: (name: string, port: number) => string,
): string[] {
  if (ports.length === 0) return ['Nothing that could be an app listens on this machine.']
  return ports.flatMap((found) => {
    const indent = ' '.repeat(7)
    const next =
      found.app === null
        ? addCommand(found.proposedName, found.port)
        : styled('dim', `served as the app ${plain(found.app)}`)
    return [`${styled('bold', String(found.port).padEnd(5))}  ${describe(found)}`, `${indent}${next}`]
  })
}

/** `Vite  node (PID 812)  /code/shop`; what is not known is left out. */
function describe({ framework, command, pid, folder }: DiscoveredPort): string {
  const process = command === null ? 'an unknown process' : `${command} (PID ${pid})`
  return [framework, process, folder]
    .filter((part) => part !== null)
    .map(plain)
    .join('  ')
}
