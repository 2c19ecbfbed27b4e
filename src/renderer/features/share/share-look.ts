import type { ShareStatus } from '../../../shared/share-schemas.js'
import type { Shape, Tone } from '../../components/mark.js'
import { strings } from '../../strings.js'

const text = strings.share

/** The state of a share as shape, colour and word. */
export function shareLook({ state }: Pick<ShareStatus, 'state'>): { shape: Shape; tone: Tone; word: string } {
  return { ...LOOKS[state], word: text.states[state] }
}

const LOOKS: Record<ShareStatus['state'], { shape: Shape; tone: Tone }> = {
  starting: { shape: 'half', tone: 'warn' },
  open: { shape: 'disc', tone: 'good' },
  waiting: { shape: 'triangle', tone: 'warn' },
  ended: { shape: 'ring', tone: 'faint' },
}

/** Whether visitors can, or may soon, see the app. */
export function isLive({ state }: Pick<ShareStatus, 'state'>): boolean {
  return state !== 'ended'
}

/** Names of the apps that are shown outside, each once, in the order of the shares. */
export function sharedApps(shares: readonly Pick<ShareStatus, 'state' | 'app'>[]): string[] {
  return [...new Set(shares.filter(isLive).map(({ app }) => app))]
}

/** The share of an app that is there; an open one before others. Null when the app is not shared. */
export function liveShareOf<S extends Pick<ShareStatus, 'state' | 'app'>>(shares: readonly S[], app: string): S | null {
  const live = shares.filter((share) => share.app === app && isLive(share))
  return live.find(({ state }) => state === 'open') ?? live[0] ?? null
}

/**
 * How long a share has yet, in words that a person can plan by; null when only a person ends it.
 *
 * @param expiresAt ISO 8601
 * @param now milliseconds since 1970
 */
export function endsIn(expiresAt: string | null, now: number): string | null {
  if (expiresAt === null) return null
  const seconds = Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1_000))
  if (seconds < 60) return text.endsIn.seconds(seconds)
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return text.endsIn.minutes(minutes)
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? text.endsIn.hours(hours, minutes % 60) : text.endsIn.days(Math.floor(hours / 24), hours % 24)
}

/** Milliseconds that a share was to live from its start; null when only a person ends it. */
export function lifetimeOf({ startedAt, expiresAt }: Pick<ShareStatus, 'startedAt' | 'expiresAt'>): number | null {
  return expiresAt === null ? null : Math.max(1, Date.parse(expiresAt) - Date.parse(startedAt))
}
