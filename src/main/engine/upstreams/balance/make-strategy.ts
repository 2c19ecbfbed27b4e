import { ClientHash } from './client-hash.js'
import { First } from './first.js'
import { LeastConnections } from './least-connections.js'
import { SmoothRoundRobin } from './smooth-round-robin.js'
import type { Candidate, Strategy } from './strategy.js'
import { WeightedRandom } from './weighted-random.js'

/**
 * @param balance as the config names it
 * @param random from 0 up to but without 1
 */
export function makeStrategy<T extends Candidate>(balance: string, random: () => number): Strategy<T> {
  switch (balance) {
    case 'least-connections':
      return new LeastConnections()
    case 'ip-hash':
      return new ClientHash()
    case 'random':
      return new WeightedRandom(random)
    case 'first':
      return new First()
    default:
      return new SmoothRoundRobin()
  }
}
