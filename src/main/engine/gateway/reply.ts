import type { RawHeaders } from './headers.js'

/**
 * The way back to the client: the only place where HTTP/1.1 and HTTP/2 differ. Nothing here throws for a client that
 * has gone away; writes then go nowhere and `closed` has settled or soon will.
 */
export interface Reply {
  readonly headersSent: boolean
  /** the client can no longer be reached */
  readonly gone: boolean
  /** bytes accepted by `write` and `end` that have not left for the client yet; 0 when it keeps up */
  readonly pendingBytes: number
  /** field names must be lower-case */
  readonly lowerCaseNames: boolean
  /** settles when the last byte has been handed to the operating system, or the client is gone */
  readonly closed: Promise<void>
  /** trailers that went to the client; told by those that send them themselves */
  readonly sentTrailers?: RawHeaders | null

  /** Makes this answer the last on its connection, where the protocol has one connection per answer (HTTP/1). */
  closeAfter(): void
  /** An interim response (RFC 9110 section 15.2): 100 and 103 only. */
  informational(status: 100 | 103, headers: RawHeaders): void
  /**
   * @param options.bodiless no body follows: HEAD, 204, 304
   * @param options.trailers trailer fields may follow the body
   * @throws TypeError when a field cannot be sent in this protocol; nothing has been sent then
   */
  head(status: number, reason: string, headers: RawHeaders, options: { bodiless: boolean; trailers: boolean }): void
  /** Returns false when the client is behind: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean
  onDrain(listener: () => void): void
  end(chunk?: Uint8Array, trailers?: RawHeaders): void
  /**
   * Breaks the stream visibly: a connection reset or RST_STREAM, never a clean end.
   *
   * @param resetCode says why on HTTP/2 (RFC 9113 section 7); INTERNAL_ERROR unless told
   */
  destroy(resetCode?: number): void
}
