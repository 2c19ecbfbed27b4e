import os from 'node:os'
import type { AllowFacts } from '../../engine/tunnel/agent/allow-list.js'
import type { AllowRule } from '../../engine/tunnel/agent/allow-rules.js'
import { withEngineOr } from '../locate.js'
import type { CommonOptions } from '../program.js'
import { type OwnPlaces, ownPlaces } from './own-places.js'

/** What the gateway has told is good for so long. */
const FRESH_MS = 1_000

/** What an agent of this machine judges its targets by, as things are now. */
export function agentFacts(rules: readonly AllowRule[], options: CommonOptions): () => Promise<AllowFacts> {
  let known: { places: Promise<OwnPlaces>; until: number } | null = null
  return async () => {
    const now = performance.now()
    if (known === null || now > known.until) known = { places: askGateway(options), until: now + FRESH_MS }
    const { ownPorts, reservedPorts } = await known.places
    return { rules, ownPorts, reservedPorts, reservedPlaces: [], localAddresses: localAddresses() }
  }
}

/** Without a gateway there are no apps. */
async function askGateway(options: CommonOptions): Promise<OwnPlaces> {
  return withEngineOr(
    options,
    async (engine) => {
      const { apps, listeners } = await engine.call('status', {})
      return ownPlaces(apps, await engine.call('processes.list', {}), listeners)
    },
    async () => ({ ownPorts: [], reservedPorts: [] }),
  )
}

function localAddresses(): string[] {
  return Object.values(os.networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))
}
