import { constants } from 'node:http2'

/** What a backend may say of a request; the other codes are about its connection with the gateway (RFC 9113 section 7). */
const OF_THE_REQUEST = new Set<number>([
  constants.NGHTTP2_CANCEL,
  constants.NGHTTP2_ENHANCE_YOUR_CALM,
  constants.NGHTTP2_INADEQUATE_SECURITY,
])

/** The code with which the client's stream is reset when the backend's was. An answer has begun by then. */
export function relayedReset(resetCode: number): number {
  return OF_THE_REQUEST.has(resetCode) ? resetCode : constants.NGHTTP2_INTERNAL_ERROR
}
