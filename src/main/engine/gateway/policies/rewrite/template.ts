import type { Exchange } from '../../exchange.js'
import { headerValue } from '../../headers.js'
import { clientAddress } from '../client-address.js'

/** Text of the config that may hold variables, read once. */
export type Template = (exchange: Exchange) => string

const VARIABLE = /\{([a-z_]+|http\.[!#$%&'*+.^_`|~0-9A-Za-z-]+)\}/g

/** What stands for what; a name that is none of these stays as it is written. */
const VALUES: Readonly<Record<string, (exchange: Exchange) => string>> = {
  host: ({ host }) => host,
  client_ip: clientAddress,
  request_id: ({ requestId }) => requestId,
  method: ({ method }) => method,
  path: ({ pathname }) => pathname,
  query: ({ target }) => (target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''),
  scheme: ({ connection }) => (connection.encrypted ? 'https' : 'http'),
  app: ({ appName }) => appName ?? '',
  route: ({ route }) => route?.pattern ?? '',
  protocol: ({ protocol }) => protocol,
}

/** @param text such as "for {client_ip}"; `{http.NAME}` is a field of the request */
export function template(text: string): Template {
  const parts: (string | Template)[] = []
  let end = 0
  for (const match of text.matchAll(VARIABLE)) {
    const value = variable(match[1] as string)
    if (value === undefined) continue
    parts.push(text.slice(end, match.index), value)
    end = match.index + match[0].length
  }
  if (parts.length === 0) return () => text
  parts.push(text.slice(end))
  return (exchange) => parts.map((part) => (typeof part === 'string' ? part : part(exchange))).join('')
}

function variable(name: string): Template | undefined {
  if (!name.startsWith('http.')) return VALUES[name]
  const field = name.slice('http.'.length).toLowerCase()
  return ({ headers }) => headerValue(headers, field) ?? ''
}
