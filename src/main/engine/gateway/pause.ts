import type { Exchange } from './exchange.js'
import { ClientGone } from './gateway-fault.js'

/**
 * Lets an exchange rest between two attempts.
 *
 * @param ms milliseconds
 * @throws ClientGone at once when the client goes away meanwhile; GatewayFault when it is too slow
 */
export function pauseFor(exchange: Exchange, ms: number): Promise<void> {
  exchange.phase = 'receiving'
  exchange.openBody() // a client that goes away is only noticed behind the bytes it has sent
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    const end = (reason: Error) => {
      clearTimeout(timer)
      reject(reason)
    }
    exchange.onInterrupt(() => end(new ClientGone()), end)
  })
}
