import { type OwnPlaces, ownPlaces } from '../../../shared/own-places.js'
import { withEngineOr } from '../locate.js'
import type { CommonOptions } from '../program.js'

/** What the gateway has told is good for so long. */
const FRESH_MS = 1_000

/** The ports of this machine, as the running gateway tells them. */
export function placesOfGateway(options: CommonOptions): () => Promise<OwnPlaces> {
  let known: { places: Promise<OwnPlaces>; until: number } | null = null
  return () => {
    const now = performance.now()
    if (known === null || now > known.until) known = { places: askGateway(options), until: now + FRESH_MS }
    return known.places
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
