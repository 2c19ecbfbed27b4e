import type { TrafficFigures } from './hop-traffic.js'

/** What takes visitors from outside to an app of this machine. */
export interface Carrier {
  figures(): TrafficFigures
  /** round trip in milliseconds; null when it is not known */
  latencyMs(): number | null
  /**
   * Ends it, and every visitor's connection; it tells nothing more. May be called again, to have less patience.
   *
   * @param graceMs how long a program has that is part of it, in milliseconds
   */
  close(graceMs?: number): Promise<void>
}

/** What it tells. Reasons are whole sentences for a person, without anything secret. */
export type CarrierEvent =
  /** @param expires ISO 8601: the other side ends it then */
  | { type: 'open'; url: string; expires?: string | null }
  /** it is tried again by itself */
  | { type: 'waiting'; reason: string; hint?: string | undefined }
  | { type: 'ended'; reason: string; hint?: string | undefined }
