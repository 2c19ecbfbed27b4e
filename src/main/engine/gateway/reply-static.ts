import { STATUS_CODES } from 'node:http'
import { finished } from 'node:stream/promises'
import type { HeaderEdits } from '../../../shared/config.js'
import type { Exchange } from './exchange.js'
import { GatewayFault } from './gateway-fault.js'
import { editHeaders, headerValues, type RawHeaders } from './headers.js'
import type { CompiledRoute, RouteTarget } from './route-table.js'
import { type StaticReply, type StaticRequest, serveStatic } from './static/serve-static.js'
import { upstreamTarget } from './upstream-request.js'

/** Answers from a directory. @throws GatewayFault for what cannot be served: missing, refused, out of range. */
export async function replyStatic(
  exchange: Exchange,
  route: CompiledRoute,
  target: Extract<RouteTarget, { kind: 'static' }>,
): Promise<void> {
  const answer = await serveStatic(
    { dir: target.dir, spa: target.spa },
    staticRequest(exchange, upstreamTarget(exchange.sentTarget, route)),
  )
  if (answer.status >= 400) {
    await answer.dispose()
    throw refusal(answer, exchange)
  }
  await sendStatic(exchange, answer, route.responseHeaders)
}

/** What the file server wants to know of an exchange. @param wanted path and query of the file, still encoded */
export function staticRequest(exchange: Exchange, wanted: string): StaticRequest {
  const [path = '/', query] = splitOnce(wanted, '?')
  return {
    method: exchange.method,
    path,
    publicPath: exchange.pathname,
    query,
    header: (name) => joinedValues(exchange.headers, name),
  }
}

/** Sends a file server's reply that is no refusal. Resolves when all of it has been handed over. */
export async function sendStatic(exchange: Exchange, answer: StaticReply, edits: HeaderEdits | null): Promise<void> {
  const { reply } = exchange
  exchange.firstByteMs = exchange.elapsed()
  let headers: RawHeaders = answer.headers.flatMap(([name, value]) => [
    reply.lowerCaseNames ? name.toLowerCase() : name,
    value,
  ])
  if (edits !== null) headers = editHeaders(headers, edits)
  exchange.status = answer.status
  const { body } = answer
  const bodiless = body === null
  reply.head(answer.status, STATUS_CODES[answer.status] ?? '', headers, {
    bodiless: bodiless || exchange.method === 'HEAD',
    trailers: false,
  })
  exchange.responseHeaders = headers
  if (bodiless || exchange.method === 'HEAD') {
    reply.end()
    await answer.dispose()
    return
  }
  if (body instanceof Uint8Array) {
    exchange.bytesOut += body.length
    reply.end(body)
    return
  }
  exchange.phase = 'streaming'
  exchange.onInterrupt(
    () => body.destroy(),
    () => body.destroy(),
  )
  body.on('data', (chunk: Buffer) => {
    exchange.bytesOut += chunk.length
    exchange.lastActivity = performance.now()
    if (reply.write(chunk)) return
    body.pause()
    exchange.stalledSince = performance.now()
  })
  reply.onDrain(() => {
    exchange.stalledSince = null
    exchange.lastActivity = performance.now()
    body.resume()
  })
  try {
    await finished(body, { writable: false })
    reply.end()
  } finally {
    await answer.dispose()
  }
}

function refusal(answer: StaticReply, exchange: Exchange): GatewayFault {
  const fields = answer.headers.filter(([name]) => /^(allow|content-range|retry-after)$/i.test(name)).flat()
  const reason = answer.reason === undefined ? '' : ` ${answer.reason}`
  const path = exchange.pathname.slice(0, 200)
  if (answer.status === 404)
    return new GatewayFault(
      'file-unavailable',
      404,
      `There is no file for ${path}.${reason}`,
      'Check the path, or set "spa": true to send unknown paths to index.html.',
    )
  if (answer.status === 405)
    return new GatewayFault('method-not-allowed', 405, `${exchange.method} is not allowed on files.`, undefined, fields)
  return new GatewayFault(
    'file-unavailable',
    answer.status,
    `${path} cannot be served (${answer.status}).${reason}`,
    undefined,
    fields,
  )
}

/** A list field may come in several lines; together they are one list (RFC 9110 section 5.3). */
function joinedValues(headers: RawHeaders, name: string): string | undefined {
  const values = headerValues(headers, name)
  return values.length === 0 ? undefined : values.join(', ')
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
