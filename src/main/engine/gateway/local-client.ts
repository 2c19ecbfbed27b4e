import { isLoopbackHost } from '../../../shared/hostname.js'
import type { Exchange } from './exchange.js'
import { headerValue } from './headers.js'

/**
 * Whether whoever asks is on this machine, and so may see what its processes print and how they are called. Somebody who
 * comes through another proxy may be anywhere.
 */
export function isLocalClient({ connection, headers }: Pick<Exchange, 'connection' | 'headers'>): boolean {
  if (!isLoopbackHost(connection.client)) return false
  return headerValue(headers, 'x-forwarded-for') === undefined && headerValue(headers, 'forwarded') === undefined
}
