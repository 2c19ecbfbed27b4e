import { durationMs } from '../../../shared/duration.js'
import type { FaultsSettings } from '../../../shared/policies/trial-schemas.js'
import { formatBytes, formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { readFaults } from './fault-settings.js'

const text = strings.faults

/** The settings in a few words, as "wait 2 s, 503 (50 % of requests)". */
export function describeFaults(settings: FaultsSettings): string {
  const { slow, jittery, errors, drops, narrow } = readFaults(settings)
  const parts: string[] = []
  if (slow !== undefined) {
    const spread = jittery === undefined ? '' : ` ${spreadText(jittery.spread, false)}`
    parts.push(text.delayed(timeText(slow.time) + spread) + shareNote(slow.share))
  } else if (jittery !== undefined) {
    parts.push(text.delayed(spreadText(jittery.spread, true)) + shareNote(jittery.share))
  }
  if (errors !== undefined) parts.push(`${errors.status}${shareNote(errors.share)}`)
  if (drops !== undefined) parts.push(`${text.dropped}${shareNote(drops.share)}`)
  if (narrow !== undefined) parts.push(bandwidthText(narrow.bandwidth))
  return parts.join(', ')
}

/** @param time as in the config */
export function timeText(time: string): string {
  return formatMs(durationMs(time))
}

/** @param spread as in the config @param alone it is not around a delay, but all of it */
export function spreadText(spread: string, alone: boolean): string {
  const ms = durationMs(spread)
  return alone ? text.between(formatMs(2 * ms)) : text.moreOrLess(formatMs(ms))
}

/** @param share from 0 to 1 */
export function shareText(share: number): string {
  return text.percent(percentOf(share))
}

/** @param bandwidth bytes a second */
export function bandwidthText(bandwidth: number): string {
  return text.perSecond(formatBytes(bandwidth))
}

function shareNote(share: number): string {
  return share === 1 ? '' : ` (${text.ofRequests(percentOf(share))})`
}

function percentOf(share: number): number {
  return Math.round(share * 1_000) / 10
}
