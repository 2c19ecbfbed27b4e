import type { IncomingMessage } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { HeaderEdits } from '../../../shared/config.js'
import type { Exchange } from './exchange.js'
import { editHeaders, headerValue, type RawHeaders } from './headers.js'

/**
 * Passes a backend's ordinary answer to a handshake on, as the answer to any request.
 *
 * @param headers the answer's fields as they may go to the client, but for the route's edits
 * @throws Error when the backend breaks off before its end
 */
export async function relayRefusal(
  exchange: Exchange,
  response: IncomingMessage,
  headers: RawHeaders,
  edits: HeaderEdits | null,
): Promise<void> {
  const { reply } = exchange
  const status = response.statusCode ?? 502
  const fields = edits === null ? headers : editHeaders(headers, edits)
  const bodiless = status === 204 || status === 304
  reply.head(status, response.statusMessage ?? '', fields, {
    bodiless,
    trailers: headerValue(fields, 'content-length') === undefined,
  })
  exchange.status = status
  exchange.responseHeaders = fields
  await new Promise<void>((resolve, reject) => {
    let drainHooked = false
    response.on('data', (chunk: Buffer) => {
      exchange.bytesOut += chunk.length
      exchange.lastActivity = performance.now()
      if (bodiless || reply.write(chunk)) return
      response.pause()
      exchange.stalledSince = performance.now()
      if (drainHooked) return
      drainHooked = true
      reply.onDrain(() => {
        exchange.stalledSince = null
        exchange.lastActivity = performance.now()
        response.resume()
      })
    })
    response.on('end', () => {
      reply.end(undefined, response.rawTrailers)
      resolve()
    })
    response.on('error', reject)
    response.on('close', () => reject(new Error('the backend closed the connection before the end of its answer')))
  })
}
