import type { Readable } from 'node:stream'
import type { RawHeaders } from './headers.js'

/**
 * Listens for the trailers of a request's body, before it is read.
 *
 * @param source the client's stream
 * @returns what has come of them
 */
export function watchTrailers(source: Readable): () => RawHeaders {
  if ('rawTrailers' in source) return () => source.rawTrailers as RawHeaders
  let trailers: RawHeaders = []
  source.once('trailers', (_fields: unknown, _flags: unknown, raw: RawHeaders) => {
    trailers = raw
  })
  return () => trailers
}
