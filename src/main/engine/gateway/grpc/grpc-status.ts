import { DialFailed, type GatewayFault, StreamReset } from '../gateway-fault.js'
import { headerValue, type RawHeaders } from '../headers.js'

/** Names of the codes, in order: https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]
const CANCELLED = 1
const UNKNOWN = 2
const DEADLINE_EXCEEDED = 4
const PERMISSION_DENIED = 7
const RESOURCE_EXHAUSTED = 8
const UNIMPLEMENTED = 12
const INTERNAL = 13
const UNAVAILABLE = 14
const DATA_LOSS = 15
const UNAUTHENTICATED = 16

/** The status with which a call ends that the gateway answers itself. */
export function grpcStatusOf(fault: GatewayFault): number {
  if (fault instanceof DialFailed) return UNAVAILABLE
  if (fault instanceof StreamReset) return BY_RESET[fault.resetCode] ?? INTERNAL
  if (fault.code === 'overloaded') return RESOURCE_EXHAUSTED
  return BY_HTTP[fault.status] ?? INTERNAL
}

const BY_HTTP: Record<number, number> = {
  401: UNAUTHENTICATED,
  403: PERMISSION_DENIED,
  404: UNIMPLEMENTED,
  405: UNIMPLEMENTED,
  408: DEADLINE_EXCEEDED,
  413: RESOURCE_EXHAUSTED,
  421: UNAVAILABLE,
  429: RESOURCE_EXHAUSTED,
  431: RESOURCE_EXHAUSTED,
  501: UNIMPLEMENTED,
  502: UNAVAILABLE,
  503: UNAVAILABLE,
  504: DEADLINE_EXCEEDED,
}

/** What gRPC makes of the error codes of HTTP/2 (RFC 9113 section 7); all others are INTERNAL. */
const BY_RESET: Record<number, number> = {
  7: UNAVAILABLE,
  8: CANCELLED,
  11: RESOURCE_EXHAUSTED,
  12: PERMISSION_DENIED,
}

/** Trailers of a call that the gateway ends. */
export function grpcTrailers(fault: GatewayFault): RawHeaders {
  const text = fault.hint === undefined ? fault.message : `${fault.message} ${fault.hint}`
  return ['grpc-status', String(grpcStatusOf(fault)), 'grpc-message', encodeGrpcMessage(text)]
}

/** Percent-encodes the UTF-8 bytes of what is not printable ASCII, and the percent sign. */
export function encodeGrpcMessage(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25
    out += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** The status that a backend ended a call with; null when the fields name none. */
export function readGrpcStatus(fields: RawHeaders): number | null {
  const value = headerValue(fields, 'grpc-status')
  return value !== undefined && /^\d{1,3}$/.test(value) ? Number(value) : null
}

/** What the log says of a call that failed; null for one that did not. */
export function grpcFailure(fields: RawHeaders): string | null {
  const status = readGrpcStatus(fields)
  if (status === null || status === 0) return null
  const name = NAMES[status] === undefined ? '' : ` ${NAMES[status]}`
  const message = headerValue(fields, 'grpc-message')
  return `gRPC status ${status}${name}${message === undefined || message === '' ? '' : `: ${decoded(message)}`}`
}

/** The HTTP status that says the same of a backend's health: a refusal of the caller is no failure of the backend. */
export function healthStatus(grpcStatus: number): number {
  if (grpcStatus === UNAVAILABLE) return 503
  return grpcStatus === INTERNAL || grpcStatus === UNKNOWN || grpcStatus === DATA_LOSS ? 500 : 200
}

const LONGEST_MESSAGE = 500

function decoded(message: string): string {
  const short = message.slice(0, LONGEST_MESSAGE)
  try {
    return decodeURIComponent(short)
  } catch {
    return short
  }
}
