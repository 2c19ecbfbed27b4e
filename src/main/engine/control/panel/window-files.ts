import type { Exchange } from '../../gateway/exchange.js'
import { GatewayFault } from '../../gateway/gateway-fault.js'
import { sendStatic, staticRequest } from '../../gateway/reply-static.js'
import { serveStatic } from '../../gateway/static/serve-static.js'
import { GUARD_FIELDS, windowPolicy } from './plain-page.js'

/**
 * Sends a file of the built window.
 *
 * @param dir where the window was built to; null when this engine was given none
 * @param origin the panel's own
 * @param fields further header fields
 * @throws GatewayFault 404 for what is not there, 503 when the window has not been built
 */
export async function sendWindowFile(
  exchange: Exchange,
  dir: string | null,
  origin: string,
  fields: readonly (readonly [string, string])[],
): Promise<void> {
  if (dir === null) throw notBuilt()
  const answer = await serveStatic({ dir, spa: false }, staticRequest(exchange, exchange.target))
  if (answer.status >= 400) {
    await answer.dispose()
    if (exchange.pathname === '/' && answer.status === 404) throw notBuilt()
    throw new GatewayFault('file-unavailable', answer.status, 'The panel has no such page.')
  }
  const page = answer.headers.some(([name, value]) => name === 'content-type' && value.startsWith('text/html'))
  const own = answer.headers.filter(
    ([name]) => name !== 'x-content-type-options' && !(page && name === 'cache-control'),
  )
  const guards = pairs([...GUARD_FIELDS, 'Content-Security-Policy', windowPolicy(origin)])
  const caching: [string, string][] = page ? [['cache-control', 'no-store']] : []
  await sendStatic(exchange, { ...answer, headers: [...own, ...caching, ...guards, ...toMutable(fields)] }, null)
}

function notBuilt(): GatewayFault {
  return new GatewayFault(
    'file-unavailable',
    503,
    'The window has not been built.',
    'Build it with: npm run build. Until then, use the command line: portico --help',
  )
}

function pairs(raw: readonly string[]): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) out.push([(raw[i] as string).toLowerCase(), raw[i + 1] as string])
  return out
}

function toMutable(fields: readonly (readonly [string, string])[]): [string, string][] {
  return fields.map(([name, value]) => [name, value])
}
