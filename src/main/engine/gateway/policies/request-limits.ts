import type { Limits } from '../../../../shared/config.js'
import { GatewayFault } from '../gateway-fault.js'
import { headerValue, type RawHeaders } from '../headers.js'
import { bodyTooLarge } from '../request-body.js'
import { CONTINUE, type Decision, refuse } from './decision.js'

export interface LimitedRequest {
  method: string
  target: string
  headers: RawHeaders
  snapshot: { limits: Limits }
}

/**
 * The gateway's own bounds on a request: URL length (414), number and size of header fields (431, RFC 6585 section 5), announced
 * body size (413) and methods that a gateway does not forward (RFC 9110 sections 9.3.6 and 9.3.8).
 */
export function requestLimits({ method, target, headers, snapshot: { limits } }: LimitedRequest): Decision {
  if (target.length > limits.urlBytes) {
    return refuse(
      new GatewayFault(
        'head-too-large',
        414,
        `The URL is longer than ${limits.urlBytes} bytes.`,
        'Shorten it, or raise limits.urlBytes in the config.',
      ),
    )
  }
  if (headers.length / 2 > limits.headerCount) {
    return refuse(
      new GatewayFault(
        'head-too-large',
        431,
        `The request has more than ${limits.headerCount} header fields.`,
        'Send fewer, or raise limits.headerCount in the config.',
      ),
    )
  }
  if (headBytes(headers) > limits.headerBytes) {
    return refuse(
      new GatewayFault(
        'head-too-large',
        431,
        `The header fields are larger than ${limits.headerBytes} bytes together.`,
        'Send less (cookies, most often), or raise limits.headerBytes in the config.',
      ),
    )
  }
  if (method === 'TRACE' || method === 'CONNECT') {
    return refuse(
      new GatewayFault('method-not-allowed', 405, `${method} is not served.`, 'Portico forwards to its apps only.', [
        'Allow',
        'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      ]),
    )
  }
  if (limits.bodyBytes !== undefined && Number(headerValue(headers, 'content-length') ?? 0) > limits.bodyBytes) {
    return refuse(bodyTooLarge(limits.bodyBytes))
  }
  return CONTINUE
}

/** As HTTP/1.1 writes them: a colon, a space and a line end for each. */
function headBytes(headers: RawHeaders): number {
  let bytes = 0
  for (let i = 0; i < headers.length; i += 2)
    bytes += (headers[i] as string).length + (headers[i + 1] as string).length + 4
  return bytes
}
