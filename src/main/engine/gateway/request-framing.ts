import { GatewayFault } from './gateway-fault.js'
import { headerValues, type RawHeaders } from './headers.js'

export interface RequestHead {
  version: '1.0' | '1.1' | '2'
  method: string
  /** request target after an absolute form was taken apart */
  target: string
  headers: RawHeaders
}

/**
 * What the parsers let pass and a gateway must not: a coding it cannot undo (RFC 9112 section 6.1), targets that are
 * neither a path nor `*` with OPTIONS (RFC 9112 section 3.2, RFC 9113 section 8.3.1), expectations it cannot meet
 * (RFC 9110 section 10.1.1). Null when the head is in order.
 */
export function framingFault({ version, method, target, headers }: RequestHead): GatewayFault | null {
  const codings = headerValues(headers, 'transfer-encoding')
  if (codings.length > 0 && version === '1.0')
    return malformed(400, 'An HTTP/1.0 request cannot have a Transfer-Encoding.', 'Send a Content-Length.')
  if (codings.length > 1 || (codings.length === 1 && !/^[\t ]*chunked[\t ]*$/i.test(codings[0] as string)))
    return malformed(501, 'The Transfer-Encoding of the request is not supported.', 'Send "chunked", once.')
  if (!isServedTarget(target, method))
    return malformed(400, 'The request target is not a path.', 'Send a path that begins with "/".')
  const expectations = headerValues(headers, 'expect')
  if (expectations.some((value) => value.toLowerCase() !== '100-continue'))
    return malformed(417, 'The expectation of the request cannot be met.', 'Send no Expect but "100-continue".')
  return null
}

function isServedTarget(target: string, method: string): boolean {
  if (target === '*') return method === 'OPTIONS'
  return target.startsWith('/') && !target.includes('#')
}

function malformed(status: number, message: string, hint: string): GatewayFault {
  return new GatewayFault('bad-request', status, message, hint)
}
