import { STATUS_CODES } from 'node:http'
import { performance } from 'node:perf_hooks'
import { errorPage } from './error-page.js'
import type { Exchange } from './exchange.js'
import { ClientGone, StreamReset, toGatewayFault } from './gateway-fault.js'
import { answeredGrpcFault } from './grpc/answer-grpc-fault.js'
import { headerValue, type RawHeaders } from './headers.js'
import { relayedReset } from './http2/relayed-reset.js'

/** See `Exchange.respond`. */
export function sendOwnAnswer(
  exchange: Exchange,
  status: number,
  headers: RawHeaders,
  body: Uint8Array | string,
): void {
  const { reply } = exchange
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const bodiless = exchange.method === 'HEAD' || status === 204 || status === 304
  exchange.status = status
  exchange.lastActivity = performance.now()
  const fields = status === 204 || status === 304 ? headers : [...headers, 'Content-Length', String(bytes.length)]
  if (exchange.mustClose) reply.closeAfter()
  const sent = reply.lowerCaseNames ? lowerCased(fields) : fields
  reply.head(status, STATUS_CODES[status] ?? '', sent, { bodiless, trailers: false })
  exchange.responseHeaders = sent
  if (bodiless || bytes.length === 0) reply.end()
  else {
    exchange.bytesOut += bytes.length
    reply.end(bytes)
  }
}

/** See `Exchange.fail`. */
export function answerFault(exchange: Exchange, thrown: unknown): void {
  const { reply } = exchange
  if (thrown instanceof ClientGone || reply.gone) {
    exchange.error ??= 'client went away'
    reply.destroy()
    return
  }
  const fault = toGatewayFault(thrown)
  exchange.error ??= fault.message
  if (answeredGrpcFault(exchange, fault)) return
  if (reply.headersSent) {
    reply.destroy(fault instanceof StreamReset ? relayedReset(fault.resetCode) : undefined)
    return
  }
  const page = errorPage(fault, {
    accept: headerValue(exchange.headers, 'accept'),
    requestId: exchange.requestId,
    app: exchange.appName,
  })
  if (ENDS_CONNECTION.has(fault.status)) reply.closeAfter()
  try {
    sendOwnAnswer(exchange, fault.status, [...page.headers, ...fault.fields], page.body)
  } catch (error) {
    exchange.error = `${exchange.error} (and could not be told so: ${error instanceof Error ? error.message : error})`
    reply.destroy()
  }
}

/** After these it is uncertain where the next request begins, or whether one will (RFC 9110 section 15.5). */
const ENDS_CONNECTION = new Set([400, 408, 417, 501])

function lowerCased(headers: RawHeaders): RawHeaders {
  return headers.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
}
