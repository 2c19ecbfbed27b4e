import { strings } from './strings.js'

const DECIMAL = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const WHOLE = new Intl.NumberFormat('en')
const CLOCK = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const HOUR_MINUTE = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })

const STEPS: [unit: string, seconds: number][] = [
  ['y', 31_557_600],
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

export function formatCount(count: number): string {
  return WHOLE.format(count)
}

/** A duration with its unit. @param ms milliseconds */
export function formatMs(ms: number): string {
  if (ms < 10) return `${DECIMAL.format(ms)} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${DECIMAL.format(ms / 1_000)} s`
  return formatAge(ms)
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${DECIMAL.format(bytes / 1_000)} kB`
  return `${DECIMAL.format(bytes / 1_000_000)} MB`
}

/** Bytes per second, with their unit. */
export function formatByteRate(rate: number): string {
  return `${formatBytes(Math.round(rate))}/s`
}

/** @param part 1 for the whole */
export function formatPercent(part: number): string {
  return `${DECIMAL.format(part * 100)} %`
}

/** Requests per second. */
export function formatRate(rate: number): string {
  return rate < 10 ? DECIMAL.format(rate) : WHOLE.format(Math.round(rate))
}

/** Time of day. @param iso ISO 8601 */
export function formatClock(iso: string): string {
  return CLOCK.format(Date.parse(iso))
}

/** Time of day, to the minute. @param ms since 1970 */
export function formatHourMinute(ms: number): string {
  return HOUR_MINUTE.format(ms)
}

/** Time of day, to the second. @param seconds since 1970 */
export function formatInstant(seconds: number): string {
  return CLOCK.format(seconds * 1_000)
}

export function formatDay(iso: string): string {
  return DAY.format(Date.parse(iso))
}

export function formatExact(iso: string): string {
  return EXACT.format(Date.parse(iso))
}

/** How far away a time is, as "3 min ago" or "in 89 d". @param now milliseconds since 1970 */
export function formatRelative(iso: string, now: number): string {
  const ms = Date.parse(iso) - now
  if (Math.abs(ms) < 5_000) return strings.relative.now
  const amount = formatAge(Math.abs(ms))
  return ms < 0 ? strings.relative.ago(amount) : strings.relative.in(amount)
}

/** The largest unit of a span of time. @param ms milliseconds */
export function formatAge(ms: number): string {
  const seconds = ms / 1_000
  const [unit, size] = STEPS.find(([, each]) => seconds >= each) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${unit}`
}
