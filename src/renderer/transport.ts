import type { FaultData } from '../shared/fault.js'

/** Where the connection to the engine stands; `retryAt` is the time (ms since 1970) of the next attempt. */
export type Connection =
  | { state: 'connecting' }
  | { state: 'connected' }
  | { state: 'disconnected'; retryAt: number; hint?: string }

export type Reply = { result: unknown } | { fault: FaultData }

/** A way to the engine. What it carries is checked against the contract by the bridge. */
export interface Transport {
  call(name: string, params: unknown): Promise<Reply>
  /** Subscribes to an event for as long as the connection lasts, and again after each reconnection. */
  on(name: string, listener: (payload: unknown) => void): () => void
  /** Tells where the connection stands, now and at every change. */
  watch(listener: (connection: Connection) => void): () => void
  /** Tries again at once instead of at the end of the back-off. */
  retry(): void
}

const FIRST_MS = 250
const LONGEST_MS = 10_000

/** Milliseconds to wait before an attempt. @param failures attempts that have failed in a row, from 1 */
export function backOff(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1))
}
