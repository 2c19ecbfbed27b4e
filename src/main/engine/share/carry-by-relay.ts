import type { Carrier, CarrierEvent } from './carrier.js'
import { RelayShare, type RelayShareEvent, type RelayShareOptions } from './relay-share.js'
import { wordedFor } from './saved-relay.js'

/** Shows an app by a relay, and tells of it as of any other way. */
export function carryByRelay(
  options: Omit<RelayShareOptions, 'onEvent'>,
  tell: (event: CarrierEvent) => void,
): Carrier {
  let wasOpen = false
  const share = new RelayShare({
    ...options,
    onEvent: (event) => {
      wasOpen ||= event.type === 'open'
      const told = toldOf(event, wasOpen)
      if (told !== null) tell(told)
    },
  })
  return {
    figures: () => share.traffic.read(),
    latencyMs: () => share.latencyMs,
    close: async () => share.close(),
  }
}

function toldOf(event: RelayShareEvent, wasOpen: boolean): CarrierEvent | null {
  switch (event.type) {
    case 'connected':
      return null // it is there once its name is
    case 'open':
      return event
    case 'waiting': {
      const what = wasOpen ? 'The connection to the relay is lost' : 'There is no connection to the relay'
      return { type: 'waiting', reason: `${what}: ${event.reason}.` }
    }
    case 'withheld':
      return { type: 'waiting', reason: `The relay does not give "${event.name}" back yet: ${event.reason}` }
    case 'unpublished':
      return { type: 'ended', reason: sentence(event.reason) }
    case 'failed': {
      const { message, hint } = wordedFor(event.fault)
      return { type: 'ended', reason: message, hint }
    }
  }
}

/** As relays word it: with a full stop or without. */
function sentence(reason: string): string {
  const text = reason.trim().replace(/\.$/, '')
  return text === '' ? 'The relay took it away.' : `${text[0]?.toUpperCase()}${text.slice(1)}.`
}
