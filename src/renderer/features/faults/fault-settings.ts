import { durationMs } from '../../../shared/duration.js'
import type { FaultsSettings } from '../../../shared/policies/trial-schemas.js'

/** What can be made to go wrong, each by one switch. */
export const FAULT_KINDS = ['slow', 'jittery', 'errors', 'drops', 'narrow'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** How much of each: as it is, or as it would be if it were turned on. Shares are from 0 to 1. */
export interface FaultChoices {
  slow: { time: string; share: number }
  jittery: { spread: string; share: number }
  errors: { status: number; share: number }
  drops: { share: number }
  /** bytes a second */
  narrow: { bandwidth: number }
}

/** What a person chooses from with one click. */
export const USUAL: FaultChoices = {
  slow: { time: '2s', share: 1 },
  jittery: { spread: '1s', share: 1 },
  errors: { status: 503, share: 0.5 },
  drops: { share: 0.2 },
  narrow: { bandwidth: 50_000 },
}

/**
 * The settings, taken apart: what is on, by kind. Delay has one place in the settings for both of its kinds: where its
 * jitter is as long as the delay itself, it is a jitter alone, from nothing to twice as much.
 */
export function readFaults(settings: FaultsSettings | null): Partial<FaultChoices> {
  if (settings === null) return {}
  const { delay, error, abort, bandwidth } = settings
  const share = delay?.share ?? 1
  const on: Partial<FaultChoices> = {}
  if (delay !== undefined && !isAsLong(delay.jitter, delay.time)) on.slow = { time: delay.time, share }
  if (delay?.jitter !== undefined) on.jittery = { spread: delay.jitter, share }
  if (error !== undefined) on.errors = { status: error.status, share: error.share ?? 1 }
  if (abort !== undefined) on.drops = { share: abort.share ?? 1 }
  if (bandwidth !== undefined) on.narrow = { bandwidth }
  return on
}

/**
 * The settings with one kind turned on, or set otherwise; the others stay as they are. A delay and its jitter are of
 * the same requests: the one that is turned on second takes them from the first, and from then on they change together.
 *
 * @param settings null while nothing is on
 */
export function withFault<K extends FaultKind>(
  settings: FaultsSettings | null,
  kind: K,
  choice: FaultChoices[K],
): FaultsSettings {
  const before = readFaults(settings)
  const on: Partial<FaultChoices> = { ...before, [kind]: choice }
  const { slow, jittery } = on
  if ((kind === 'slow' || kind === 'jittery') && slow !== undefined && jittery !== undefined) {
    const chosen = kind === 'slow' ? slow.share : jittery.share
    const together = before[kind] === undefined ? (settings?.delay?.share ?? 1) : chosen
    on.slow = { ...slow, share: together }
    on.jittery = { ...jittery, share: together }
  }
  return write(on) ?? {}
}

/** The settings with one kind turned off; null when nothing is left. */
export function withoutFault(settings: FaultsSettings | null, kind: FaultKind): FaultsSettings | null {
  const { [kind]: _, ...rest } = readFaults(settings)
  return write(rest)
}

function write({ slow, jittery, errors, drops, narrow }: Partial<FaultChoices>): FaultsSettings | null {
  const settings: FaultsSettings = {}
  if (slow !== undefined) settings.delay = { time: slow.time, ...shareOf(slow.share) }
  else if (jittery !== undefined) settings.delay = { time: jittery.spread, ...shareOf(jittery.share) }
  if (settings.delay !== undefined && jittery !== undefined) {
    // Were they the same, it would be a jitter alone.
    const same = slow !== undefined && isAsLong(jittery.spread, slow.time)
    settings.delay.jitter = same ? `${durationMs(jittery.spread) - 1}ms` : jittery.spread
  }
  if (drops !== undefined) settings.abort = shareOf(drops.share)
  if (errors !== undefined) settings.error = { status: errors.status, ...shareOf(errors.share) }
  if (narrow !== undefined) settings.bandwidth = narrow.bandwidth
  return Object.keys(settings).length === 0 ? null : settings
}

/** All of the requests go without saying. */
function shareOf(share: number): { share?: number } {
  return share === 1 ? {} : { share }
}

function isAsLong(one: string | undefined, other: string): boolean {
  return one !== undefined && durationMs(one) === durationMs(other)
}
