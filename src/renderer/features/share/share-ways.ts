import type { ShareVia, ShareWay } from '../../../shared/share-schemas.js'
import type { ShareChoice } from '../../stores/share-choices.js'
import { strings } from '../../strings.js'

const text = strings.share

/** Whether an app can be shared by it now. */
export function isUsable(way: ShareWay): boolean {
  return way.kind === 'relay' || (way.program !== null && way.obstacle === null)
}

export function viaOf(way: ShareWay): ShareVia {
  return way.kind === 'relay' ? { kind: 'relay', url: way.url } : { kind: 'tool', tool: way.tool }
}

/** The same text for the same way. */
export function viaKey(via: ShareVia): string {
  return via.kind === 'relay' ? `relay ${via.url}` : `tool ${via.tool}`
}

/** What a person calls it. */
export function viaName(via: ShareVia): string {
  return via.kind === 'tool' ? text.tools[via.tool] : (URL.parse(via.url)?.host ?? via.url)
}

/**
 * The way that is taken without a question: the only one that can be used. Null when there is something to ask, as for a
 * password: a link that had one before is not opened to everybody by one click.
 */
export function unasked(ways: readonly ShareWay[], { password }: Pick<ShareChoice, 'password'>): ShareVia | null {
  const [only, another] = ways.filter(isUsable)
  return only === undefined || another !== undefined || password ? null : viaOf(only)
}

/** The way that stands chosen at first: that of the last time, else the first that can be used. */
export function firstChoice(ways: readonly ShareWay[], { via }: Pick<ShareChoice, 'via'>): ShareVia | null {
  const usable = ways.filter(isUsable).map(viaOf)
  return usable.find((one) => via !== null && viaKey(one) === viaKey(via)) ?? usable[0] ?? null
}

/** What is to be known of a way: what it does, or why it cannot be used and what to do about that. */
export function wayRemark(way: ShareWay): string {
  if (way.kind === 'relay') return way.customCa ? text.ways.relayOwnCa : text.ways.relay
  if (way.program === null) return [text.ways.notInstalled, way.obstacle?.hint ?? ''].join(' ').trim()
  return way.obstacle === null ? text.ways.about[way.tool] : `${way.obstacle.message} ${way.obstacle.hint}`
}
