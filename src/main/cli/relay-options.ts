import path from 'node:path'
import { durationMs } from '../../shared/duration.js'
import { Fault } from '../../shared/fault.js'
import { type Authority, parseAuthority } from '../../shared/hostname.js'
import { defaultDataDir } from '../engine/config/paths.js'
import type { CommonOptions } from './program.js'

/** What is written on the command line for a relay, as values. Each throws Fault `usage` for what is not one. */

/** The data directory of a relay, absolute: not that of the gateway, so that both may run. */
export function relayDirOf(options: CommonOptions): string {
  return options.dataDir === undefined ? path.join(defaultDataDir(), 'relay') : path.resolve(options.dataDir)
}

/** @param name of the option, for the complaint */
export function hostAndPort(name: string, text: string): { host: string; port: number } {
  const parsed: Authority | null = parseAuthority(text)
  if (parsed !== null && parsed.port !== null) return { host: parsed.host, port: parsed.port }
  throw usage(name, `"${text}" is not a host and a port.`, 'Write it as 127.0.0.1:8443, name:8443 or [::1]:8443.')
}

/** Milliseconds. */
export function duration(name: string, text: string): number {
  try {
    const milliseconds = durationMs(text)
    if (milliseconds > 0) return milliseconds
  } catch {
    // said below
  }
  throw usage(name, `"${text}" is not a duration.`, 'Write it as 90s, 30m, 24h or 30d.')
}

/** Milliseconds between two pings. Often enough for whatever stands in between, and not so often as to be a load. */
export function pingInterval(text: string): number {
  const milliseconds = duration('--ping', text)
  if (milliseconds >= 1_000 && milliseconds <= 300_000) return milliseconds
  throw usage('--ping', `"${text}" is too short or too long.`, 'It may be 1s to 5m.')
}

export function portRange(name: string, text: string): { from: number; to: number } {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  const from = Number(match?.[1] ?? 0)
  const to = Number(match?.[2] ?? from)
  if (from >= 1 && from <= to && to <= 65_535) return { from, to }
  throw usage(name, `"${text}" is not a range of ports.`, 'Write it as 9000-9099.')
}

/** Bytes per second. */
export function bandwidth(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s?(|k|m|g)i?b?(?:\/s)?$/i.exec(text)
  const rate = Math.round(Number(match?.[1] ?? 0) * UNITS[(match?.[2] ?? '').toLowerCase() as keyof typeof UNITS])
  if (match !== null && rate >= 1024 && rate < 2 ** 48) return rate
  throw usage(name, `"${text}" is not a rate of at least 1 KB per second.`, 'Write it as 500KB or 10MB.')
}

const UNITS = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 } as const

export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,9}$/.test(text) && number >= least && number <= most) return number
  throw usage(name, `"${text}" is not a number from ${least} to ${most}.`, 'See: portico relay --help')
}

function usage(name: string, message: string, hint: string): Fault {
  return new Fault('usage', `${name}: ${message}`, hint)
}
