import type { Listener } from '../../shared/contract.js'
import { isLoopbackHost } from '../../shared/hostname.js'
import type { Zone } from './dns/answer-query.js'
import type { Snapshot } from './gateway/snapshot.js'

/**
 * The hosts of the apps and the panel, at the addresses where the gateway listens: those of loopback, if it does there.
 *
 * @param snapshot of the config in use
 * @param listeners that are open now
 */
export function dnsZone(snapshot: () => Snapshot, listeners: () => readonly Listener[]): Zone {
  return {
    addressesOf: (name) => {
      const { table, panel } = snapshot()
      if (name !== panel?.host && table.find(name) === null) return null
      return addressesOf(listeners())
    },
  }
}

/** A scoped address (`fe80::1%eth0`) has no place in DNS. */
function addressesOf(listeners: readonly Listener[]): string[] {
  const all = [...new Set(listeners.map(({ address }) => REACHED[address] ?? address))]
  const loopback = all.filter(isLoopbackHost)
  return loopback.length > 0 ? loopback : all.filter((address) => !address.includes('%'))
}

/** Who listens everywhere is reached at loopback. */
const REACHED: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
