import type { CommandHost, Executors } from './commands.js'

type ShareCommands = Pick<Executors, Extract<keyof Executors, `share.${string}`>>

/** The commands of the contract about apps that are shown outside. */
export function shareCommands({ shares }: Pick<CommandHost, 'shares'>): ShareCommands {
  return {
    'share.ways': () => shares.ways(),
    'share.list': () => shares.list(),
    'share.start': (wish) => shares.start(wish),
    'share.stop': ({ id }) => shares.stop(id),
    'share.relay.save': (relay) => shares.saveRelay(relay),
    'share.relay.forget': ({ url }) => shares.forgetRelay(url),
  }
}
