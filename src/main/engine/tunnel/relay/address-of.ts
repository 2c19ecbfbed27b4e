import type { IncomingMessage } from 'node:http'
import { formatAuthority } from '../../../../shared/hostname.js'

/** Who sends a request. @param behindGateway the relay's own, which tells it */
export function addressOf({ headers, socket }: IncomingMessage, behindGateway: boolean): string {
  const forwarded = behindGateway
    ? [headers['x-forwarded-for'] ?? []].flat().at(-1)?.split(',').at(-1)?.trim()
    : undefined
  return forwarded?.slice(0, 64) ?? formatAuthority(socket.remoteAddress ?? '', socket.remotePort ?? null)
}
