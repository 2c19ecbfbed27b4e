import type { Duplex } from 'node:stream'

/** A visitor's connection, as it comes out of a tunnel or of a socket; each counts its bytes by itself. */
export type VisitorStream = Duplex &
  (
    | { readonly bytesIn: number; readonly bytesOut: number }
    | { readonly bytesRead: number; readonly bytesWritten: number }
  )

export interface TrafficFigures {
  /** connections open now, and since the start */
  open: number
  total: number
  requests: number
  /** from visitors, and to them */
  bytesIn: number
  bytesOut: number
  /** requests that could not be passed on */
  failed: number
}

export const NO_TRAFFIC: TrafficFigures = { open: 0, total: 0, requests: 0, bytesIn: 0, bytesOut: 0, failed: 0 }

/** Counts what visitors send and get. */
export class HopTraffic {
  readonly #open = new Set<VisitorStream>()
  #total = 0
  #requests = 0
  #failed = 0
  #bytesIn = 0
  #bytesOut = 0

  /** A connection that has begun; it counts until it is closed. */
  add(stream: VisitorStream): void {
    this.#total += 1
    this.#open.add(stream)
    stream.once('close', () => {
      if (!this.#open.delete(stream)) return
      const [bytesIn, bytesOut] = bytesOf(stream)
      this.#bytesIn += bytesIn
      this.#bytesOut += bytesOut
    })
  }

  addRequest(): void {
    this.#requests += 1
  }

  addFailure(): void {
    this.#failed += 1
  }

  read(): TrafficFigures {
    let [bytesIn, bytesOut] = [this.#bytesIn, this.#bytesOut]
    for (const stream of this.#open) {
      const [more, sent] = bytesOf(stream)
      bytesIn += more
      bytesOut += sent
    }
    return {
      open: this.#open.size,
      total: this.#total,
      requests: this.#requests,
      bytesIn,
      bytesOut,
      failed: this.#failed,
    }
  }
}

function bytesOf(stream: VisitorStream): [number, number] {
  if ('bytesIn' in stream) return [stream.bytesIn, stream.bytesOut]
  return [stream.bytesRead, stream.bytesWritten]
}
