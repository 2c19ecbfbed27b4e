import type { CommandHost, Executors } from './commands.js'

type TunnelCommands = Pick<Executors, Extract<keyof Executors, `tunnel.${string}`>>

/** The commands of the contract about services that users of a relay reach. */
export function tunnelCommands({ tunnels }: Pick<CommandHost, 'tunnels'>): TunnelCommands {
  return {
    'tunnel.list': () => tunnels.list(),
    'tunnel.open': (wish) => tunnels.open(wish),
    'tunnel.close': ({ relay }) => tunnels.end(relay),
  }
}
