import type { ExchangeEntry } from '../../shared/contract.js'
import { plain } from './escape.js'
import { styled } from './output.js'

/**
 * One line per exchange: when, what came of it, what was asked, how long it took and how much was sent, by whom, and what
 * went wrong on purpose or otherwise.
 * `2026-01-02 03:04:05.678  200  GET shop.localhost/cart  4.5 ms  12 B  h2  127.0.0.1  shop -> http://127.0.0.1:3000`
 */
export function formatEntry(entry: ExchangeEntry): string {
  const { app, backend, attempts, notes = [], error } = entry
  const fields = [
    entry.time.replace('T', ' ').replace('Z', ''),
    formatStatusCode(entry.status),
    `${plain(entry.method)} ${plain(entry.host)}${plain(entry.path)}`,
    formatDuration(entry.totalMs),
    formatBytes(entry.bytesOut),
    entry.protocol,
    plain(entry.client),
    ...(app === null ? [] : [`${plain(app)}${backend === null ? '' : ` -> ${plain(backend)}`}`]),
    ...(attempts > 1 ? [styled('yellow', `${attempts} attempts`)] : []),
    ...notes.flatMap(({ policy, outcome }) =>
      policy === 'faults' ? [styled('yellow', `fault: ${plain(outcome)}`)] : [],
    ),
    ...(error === null ? [] : [styled('red', plain(error))]),
  ]
  return fields.join('  ')
}

/** `850 B`, `1.5 KiB`, `20 MiB` */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length)
  const value = bytes / 1024 ** power
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power - 1]}`
}

/** `4.5 ms`, `120 ms`, `2.5 s` */
export function formatDuration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB']

/** A client that went away before there was a status has none. */
function formatStatusCode(status: number): string {
  if (status === 0) return styled('yellow', '---')
  if (status >= 500) return styled('red', String(status))
  return styled(status >= 400 ? 'yellow' : 'green', String(status))
}
