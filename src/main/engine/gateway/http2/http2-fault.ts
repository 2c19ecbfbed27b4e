import {
  DialFailed,
  GatewayFault,
  ProtocolRefused,
  StreamRefused,
  StreamReset,
  UpstreamFailed,
} from '../gateway-fault.js'
import { dialFault } from '../upstream-fault.js'

export interface FailedStream {
  url: string
  app: string | null
  /** the head of the answer has gone to the client */
  headSent: boolean
  /** the connection ended */
  lost: boolean
  /** the backend did nothing of the request */
  unprocessed: boolean
  /** of the backend's RST_STREAM (RFC 9113 section 7) */
  resetCode: number
}

/**
 * Why nothing was sent over HTTP/2.
 *
 * @param chosen the config says "h2", so that a backend without it is a backend that fails; else it may serve all but gRPC
 */
export function unsentOverHttp2(error: Error, url: string, app: string | null, chosen: boolean): GatewayFault {
  if (error instanceof TypeError) {
    const message = `The request cannot be forwarded over HTTP/2: ${error.message}.`
    return new GatewayFault('bad-request', 400, message, 'Send a well-formed HTTP request.', [], { cause: error })
  }
  if (!('code' in error) || error.code !== 'ERR_NOT_HTTP2') return dialFault(error, url, app)
  const owner = app === null ? url : `${app} (${url})`
  const message = url.startsWith('https:')
    ? `${owner} does not speak HTTP/2: it does not offer "h2" by ALPN.`
    : `${owner} does not speak HTTP/2 without TLS (h2c with prior knowledge).`
  const hint = chosen
    ? 'Correct the port, or set the upstream’s "protocol" to "http1" or "auto".'
    : 'gRPC needs HTTP/2: point the route at the port of the gRPC server, or give its paths a route of their own.'
  const Kind = chosen ? DialFailed : ProtocolRefused
  return new Kind('dial-failed', 502, message, hint, [], { cause: error })
}

/** Why a request that was sent over HTTP/2 has no whole answer. */
export function brokenStream(
  { url, app, headSent, lost, unprocessed, resetCode }: FailedStream,
  cause?: Error,
): GatewayFault {
  const owner = app === null ? url : `${app} (${url})`
  const options = cause === undefined ? {} : { cause }
  if (unprocessed && !headSent) {
    return new StreamRefused(
      'dial-failed',
      502,
      `${owner} did not take the request: it is ending or at its limit.`,
      'Try again in a moment.',
      [],
      options,
    )
  }
  const where = headSent ? 'in the middle of its answer' : 'without an answer'
  const hint = 'Look at the app’s own log: it may have crashed or restarted.'
  if (lost)
    return new UpstreamFailed('upstream-failed', 502, `${owner} closed the connection ${where}.`, hint, [], options)
  const name = RESETS[resetCode] ?? `code ${resetCode}`
  const message = `${owner} reset the stream ${where} (${name}).`
  return new StreamReset(message, 'Look at the app’s own log for the reason.', resetCode, options)
}

const RESETS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]
