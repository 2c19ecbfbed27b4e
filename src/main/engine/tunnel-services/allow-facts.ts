import os from 'node:os'
import type { OwnPlaces } from '../../../shared/own-places.js'
import type { AllowFacts } from '../tunnel/agent/allow-list.js'
import type { AllowRule } from '../tunnel/agent/allow-rules.js'

/** What an agent of this machine judges its targets by, as things are now. */
export function allowFacts(rules: readonly AllowRule[], { ownPorts, reservedPorts }: OwnPlaces): AllowFacts {
  return { rules, ownPorts, reservedPorts, reservedPlaces: [], localAddresses: localAddresses() }
}

function localAddresses(): string[] {
  return Object.values(os.networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
}
