import { setTimeout as delay } from 'node:timers/promises'
import type { EngineParts } from './engine-parts.js'

/** for what logs and traces still have to tell when all has ended */
const OBSERVED_MS = 2_000
/** for tools that show apps outside; what visitors have asked for by them has ended by then */
const SHARES_GRACE_MS = 3_000
/** of the time to stop in, for requests under way */
const SERVING_SHARE = 2 / 3

/**
 * Ends all parts of an engine, those that others need last.
 *
 * @param drainMs the longest to wait for exchanges in progress
 */
export async function stopParts(parts: EngineParts, drainMs: number): Promise<void> {
  parts.sources.close()
  const shares = parts.shares.close(Math.min(SHARES_GRACE_MS, drainMs))
  parts.tunnels.close()
  await parts.temporary.close()
  await parts.store.close()
  await parts.dns.close()
  await parts.lan.close()
  await stopServing(parts, drainMs)
  await shares
  await parts.observe.close(OBSERVED_MS)
  await parts.panel.close()
  parts.policies.close()
  await parts.upstreams.destroy()
  parts.certificates.close()
}

/** Processes go on while requests need them, and have a third of the time for themselves. */
async function stopServing({ gateway, processes }: EngineParts, drainMs: number): Promise<void> {
  const deadline = performance.now() + drainMs
  const served = gateway.stop(drainMs)
  await Promise.race([served, delay(drainMs * SERVING_SHARE, undefined, { ref: false })])
  await processes.processes.close(Math.max(0, deadline - performance.now()))
  await served
}
