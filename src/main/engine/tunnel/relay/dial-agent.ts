import type { TunnelTarget } from '../frames.js'
import { TunnelError } from '../tunnel-stream.js'
import type { AgentConnection, AgentStream } from './agent-link.js'
import { leastBusy } from './agents.js'
import type { TokenUse, TokenUses } from './limits/token-uses.js'

export interface DialOptions {
  /** connections of the agent, which may do it in each other's place */
  connections: readonly AgentConnection[]
  uses: TokenUses
  target: TunnelTarget
  /** address of whom it is for */
  client: string
  /** id of the proxy that it is for */
  proxy: string
  /** milliseconds that one connection has for its answer */
  patienceMs: number
  /** the user has gone */
  signal: AbortSignal
}

export interface Dialled {
  stream: AgentStream
  connection: AgentConnection
  use: TokenUse
}

/**
 * Asks an agent for its target, by the connection that has the least to do; when it cannot, by the next.
 *
 * @throws TunnelError why the last of them could not
 */
export async function dialAgent(options: DialOptions): Promise<Dialled> {
  const tried = new Set<AgentConnection>()
  let reason = new TunnelError('unreachable', 'the agent is not connected')
  for (;;) {
    const connection = leastBusy(options.connections, tried)
    if (connection === null || options.signal.aborted) throw reason
    tried.add(connection)
    const use = options.uses.take(connection.token)
    if (use === null) {
      reason = new TunnelError('limit', 'the token has as many connections as it may')
      continue
    }
    try {
      return { stream: await openStream(connection, options), connection, use }
    } catch (error) {
      use.release()
      reason = error instanceof TunnelError ? error : new TunnelError('reset', String(error))
    }
  }
}

function openStream({ link }: AgentConnection, options: DialOptions): Promise<AgentStream> {
  const { target, client, proxy, patienceMs, signal } = options
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
    }
    const leave = () => stream.destroy(new TunnelError('reset', 'the user has gone'))
    const opened = () => {
      settle()
      resolve(stream)
    }
    const stream = link.open(target, client, opened, proxy)
    const late = new TunnelError('timeout', 'the agent did not answer in time')
    const timer = setTimeout(() => stream.destroy(late), patienceMs)
    signal.addEventListener('abort', leave)
    // It stays: the stream may fail before anybody else listens.
    stream.on('error', (error) => {
      settle()
      reject(error)
    })
  })
}
