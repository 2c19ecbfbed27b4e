import { Fault } from '../../../../shared/fault.js'
import { isLoopbackHost } from '../../../../shared/hostname.js'
import { AGENT_PATH } from '../control-messages.js'

const HINT = 'Write it as wss://relay.example.com or wss://relay.example.com:8443.'

/**
 * Where an agent connects to.
 *
 * @param text as a person writes it, `wss://relay.example.com`
 * @throws Fault `usage` for what is no such URL, and for one that would carry the token in the clear
 */
export function relayAddress(text: string): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'wss:' && url.protocol !== 'ws:')) {
    throw new Fault('usage', `"${text}" is not the address of a relay.`, HINT)
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Fault('usage', 'The address of a relay has neither a user nor a query.', HINT)
  }
  if (url.protocol === 'ws:' && !isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ''))) {
    throw new Fault('usage', `ws:// would send the token to ${url.hostname} in the clear.`, 'Use wss://.')
  }
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = path.endsWith(AGENT_PATH) ? path : path + AGENT_PATH
  return url
}

/** The address without the agents' path: what a person knows the relay by. */
export function shownAddress(url: URL): string {
  return url.href.replace(/\/agent$/, '')
}
