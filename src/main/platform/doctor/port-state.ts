import { createServer } from 'node:net'
import type { PortState } from '../../../shared/doctor-facts.js'

/** Tries a port for a moment. @param address IP literal */
export function tryPort(address: string, port: number): Promise<PortState> {
  const { promise, resolve } = Promise.withResolvers<PortState>()
  const server = createServer((socket) => socket.destroy())
  server.once('error', ({ code }: NodeJS.ErrnoException) => {
    resolve(code === 'EADDRINUSE' ? 'taken' : code === 'EACCES' || code === 'EPERM' ? 'forbidden' : 'unknown')
  })
  server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve('free')))
  return promise
}
