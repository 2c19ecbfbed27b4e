import type { Served } from '../secure-context.js'
import type { AcmeError } from './acme-error.js'
import type { Draft } from './order.js'
import { pauseAfter, renewalTime } from './schedule.js'

const FOLLOW_MS = 12 * 3_600_000

/** What is known of the certificate of one name. Times are milliseconds since the epoch. */
export interface AcmeEntry {
  /** host or wildcard */
  readonly name: string
  /** what is served; null when there is none that may be */
  served: Served | null
  /** URL of the directory that issued it; empty when there is none */
  directory: string
  draft: Draft | null
  /** the attempt under way */
  flight: Promise<Served> | null
  /** in a row */
  failures: number
  /** of the last attempt; null when it went well */
  error: AcmeError | null
  /** nothing is tried before this time */
  pausedUntil: number
  /** when it is to be renewed */
  renewAt: number
  /** when the directory is asked next what it suggests */
  checkAt: number
  checking: boolean
  /** when a suggestion to renew at once was followed last */
  followedAt: number
}

export function newEntry(name: string): AcmeEntry {
  const none = { served: null, directory: '', draft: null, flight: null, error: null }
  return { name, ...none, failures: 0, pausedUntil: 0, renewAt: 0, checkAt: 0, checking: false, followedAt: 0 }
}

/** A certificate has taken the place of none or of an older one. @param random 0 to 1 */
export function took(entry: AcmeEntry, served: Served, directory: string, random: number): void {
  Object.assign(entry, { served, directory, draft: null, failures: 0, error: null, pausedUntil: 0, checkAt: 0 })
  entry.renewAt = renewalTime(served.validity, random)
}

/**
 * A certificate has just been issued. By a clock that is wrong it may look old already: it is not asked for again and
 * again all the same. @param random 0 to 1
 */
export function tookNew(entry: AcmeEntry, served: Served, directory: string, now: number, random: number): void {
  took(entry, served, directory, random)
  const { notBefore, notAfter } = served.validity
  entry.renewAt = Math.max(entry.renewAt, now + (notAfter - notBefore) / 3)
}

/** The directory suggests a time to renew: one that is past is followed at once, but once in twelve hours at most. */
export function follow(entry: AcmeEntry, suggested: number, now: number): void {
  entry.renewAt = Math.max(suggested, entry.followedAt + FOLLOW_MS)
  if (entry.renewAt <= now) entry.followedAt = now
}

/** An attempt has failed. @param random 0 to 1 */
export function failed(entry: AcmeEntry, error: AcmeError, now: number, random: number): void {
  entry.failures += 1
  entry.error = error
  const { kind, retryAfterMs } = error
  entry.pausedUntil = now + pauseAfter(entry.failures, { limited: kind === 'limited', retryAfterMs }, random)
}

/** Whether a certificate of the entry may be served. */
export function usable({ served }: AcmeEntry, now: number): boolean {
  return served !== null && now <= served.validity.notAfter
}

/** When a certificate is to be asked for; `Infinity` while that is done. @param directory the one of the config */
export function issueTime(entry: AcmeEntry, directory: string): number {
  if (entry.flight !== null) return Number.POSITIVE_INFINITY
  const wanted = entry.served === null || entry.directory !== directory ? 0 : entry.renewAt
  return Math.max(wanted, entry.pausedUntil)
}

/** When the directory is to be asked what it suggests; `Infinity` when it has nothing to say of this certificate. */
export function checkTime(entry: AcmeEntry, directory: string): number {
  const idle = entry.flight === null && !entry.checking
  return idle && entry.served !== null && entry.directory === directory ? entry.checkAt : Number.POSITIVE_INFINITY
}

/** What a person has to know, and what to do; null while all is well. */
export function problemWith(entry: AcmeEntry, now: number): string | null {
  const effect = usable(entry, now) ? 'the former certificate is still served' : 'the local CA serves this host instead'
  if (entry.error !== null) return `${entry.error.words}; ${effect}`
  return usable(entry, now) ? null : `a certificate is being asked for; ${effect} until it is there`
}
