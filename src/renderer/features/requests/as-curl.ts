import { shellQuote } from '../../../shared/shell-quote.js'

/** Headers that curl writes itself, or that frame the message (RFC 9112 section 6). */
const OWN = new Set(
  'host connection content-length transfer-encoding keep-alive upgrade proxy-connection te trailer expect'.split(' '),
)

export interface CurlRequest {
  method: string
  url: string
  headers: readonly (readonly [name: string, value: string])[]
  /** the CA that signed the server's certificate; null when it is one that curl knows */
  caFile: string | null
}

/** The command line that sends a request again, quoted for a POSIX shell. Its body was not kept, so it has none. */
export function asCurl({ method, url, headers, caFile }: CurlRequest): string {
  const words = [
    ...(method === 'GET' ? [] : method === 'HEAD' ? ['--head'] : ['--request', method]),
    ...headers.filter(([name]) => isSent(name)).flatMap(([name, value]) => ['--header', headerWord(name, value)]),
    ...(headers.some(([name]) => name.toLowerCase() === 'accept-encoding') ? ['--compressed'] : []),
    ...(caFile === null ? [] : ['--cacert', caFile]),
    url,
  ]
  return ['curl', ...words].map(shellQuote).join(' ')
}

function isSent(name: string): boolean {
  const lower = name.toLowerCase()
  return !lower.startsWith(':') && !lower.startsWith('sec-websocket-') && !OWN.has(lower) && lower !== 'accept-encoding'
}

/** curl drops a header without a value, but for one that ends in a semicolon. */
function headerWord(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`
}
