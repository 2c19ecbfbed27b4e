import { LINK_CLOSE } from '../tunnel-link.js'
import type { AgentConnection } from './agent-link.js'

/** The agents that are connected, each by any number of connections. */
export class Agents {
  readonly #connections = new Set<AgentConnection>()

  get all(): readonly AgentConnection[] {
    return [...this.#connections]
  }

  get size(): number {
    return this.#connections.size
  }

  /** Connections that were made with a token. */
  countOf(token: string): number {
    let count = 0
    for (const one of this.#connections) if (one.token.id === token) count += 1
    return count
  }

  add(connection: AgentConnection): void {
    this.#connections.add(connection)
  }

  remove(connection: AgentConnection): void {
    this.#connections.delete(connection)
  }

  /** Connections of an agent that serve TCP, and may do so at a local port by their tokens. */
  of(agent: string, localPort: number): AgentConnection[] {
    return this.all.filter((one) => one.agent === agent && one.servesTcp && mayServe(one, localPort))
  }

  /** Ends every connection that was made with a token. */
  closeToken(id: string, reason: string): void {
    for (const { token, link } of this.all) if (token.id === id) link.close(LINK_CLOSE.revoked, reason)
  }

  closeAll(): void {
    for (const { link } of this.all) link.close(LINK_CLOSE.goingAway, 'the relay is being stopped')
  }
}

/** The connection that has the least to do among those that were not tried; null when there is none. */
export function leastBusy(
  connections: readonly AgentConnection[],
  tried: ReadonlySet<AgentConnection>,
): AgentConnection | null {
  let best: AgentConnection | null = null
  for (const one of connections) {
    if (!tried.has(one) && (best === null || one.link.streams < best.link.streams)) best = one
  }
  return best
}

function mayServe({ token: { ports } }: AgentConnection, localPort: number): boolean {
  return ports === null || (localPort >= ports.from && localPort <= ports.to)
}
