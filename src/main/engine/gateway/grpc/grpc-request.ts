import { headerValue, type RawHeaders } from '../headers.js'

/**
 * Whether a request is a gRPC call: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. gRPC-Web is not: it is
 * made for HTTP/1.1, and carries its trailers in the body.
 */
export function isGrpcCall(method: string, headers: RawHeaders): boolean {
  return method === 'POST' && isGrpcType(headerValue(headers, 'content-type'))
}

export function isGrpcType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:[+;\s]|$)/i.test(contentType)
}

const UNIT_MS: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/** How long the caller waits, in milliseconds, from `grpc-timeout`; Infinity without, and for one that is malformed. */
export function grpcTimeoutMs(headers: RawHeaders): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(headerValue(headers, 'grpc-timeout') ?? '')
  if (match === null) return Number.POSITIVE_INFINITY
  return Number(match[1]) * (UNIT_MS[match[2] as string] as number)
}
