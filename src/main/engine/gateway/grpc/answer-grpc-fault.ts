import type { Exchange } from '../exchange.js'
import { type GatewayFault, StreamReset } from '../gateway-fault.js'
import type { RawHeaders } from '../headers.js'
import { isGrpcCall } from './grpc-request.js'
import { grpcTrailers } from './grpc-status.js'

/**
 * Answers a gRPC call for the gateway: a client of gRPC reads no pages. Before an answer has begun it gets headers that are
 * trailers at once ("Trailers-Only"), in the midst of one its trailers.
 *
 * @returns false when it is no gRPC call, or its answer cannot be ended in order any more
 */
export function answeredGrpcFault(exchange: Exchange, fault: GatewayFault): boolean {
  const { reply } = exchange
  if (reply.headersSent) {
    // A reset by the backend is passed on as one.
    if (exchange.call?.open !== true || fault instanceof StreamReset) return false
    exchange.call.open = false
    reply.end(undefined, grpcTrailers(fault))
    return true
  }
  if (!isGrpcCall(exchange.method, exchange.headers)) return false
  const fields = fault.fields.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))
  const headers: RawHeaders = ['content-type', 'application/grpc', ...grpcTrailers(fault), ...fields]
  exchange.status = 200
  if (exchange.mustClose) reply.closeAfter()
  reply.head(200, 'OK', headers, { bodiless: true, trailers: false })
  exchange.responseHeaders = headers
  reply.end()
  return true
}
