import type { AppStatus } from '../../../shared/contract.js'
import type { DiscoveredPort } from '../../../shared/window-schemas.js'

/**
 * The port that an app whose backend does not answer has probably moved to: of the listeners that are no app yet, the one
 * that would be called as this one, or the only one whose framework is known. Null when nothing speaks for any.
 */
export function likelyPort(app: AppStatus, ports: readonly DiscoveredPort[]): DiscoveredPort | null {
  if (app.app.port === undefined) return null
  const free = ports.filter((found) => found.app === null)
  // A name that is taken is proposed with a number behind it.
  const namesake = free.find(({ proposedName }) => proposedName.replace(/-\d+$/, '') === app.name)
  if (namesake !== undefined) return namesake
  const known = free.filter(({ framework }) => framework !== null)
  return known.length === 1 ? known[0]! : null
}
