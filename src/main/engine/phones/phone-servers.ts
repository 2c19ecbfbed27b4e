import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Fault } from '../../../shared/fault.js'

export interface PhoneServers {
  readonly open: { address: string; port: number }[]
  /** Ends connections, too. */
  close(): Promise<void>
}

const MAX_CONNECTIONS = 32
const MAX_HEAD = 8 * 1024
const REQUEST_MS = 5_000
const IDLE_MS = 2_000

/**
 * Listens on every address that can be had, at the same port.
 *
 * @throws Fault `listen-failed` when there is none
 */
export async function openPhoneServers(addresses: readonly string[], answer: RequestListener): Promise<PhoneServers> {
  const servers: http.Server[] = []
  const open: PhoneServers['open'] = []
  let reason: unknown = null
  for (const address of addresses) {
    try {
      const server = await listen(address, open[0]?.port ?? 0, answer)
      servers.push(server)
      open.push({ address, port: (server.address() as AddressInfo).port })
    } catch (error) {
      reason = error
    }
  }
  if (open.length === 0) {
    const { code } = reason as NodeJS.ErrnoException
    const message = `Listening on ${addresses.join(', ')} failed (${code ?? 'unknown reason'}).`
    throw new Fault('listen-failed', message, 'See whether the network is there, and try again.', { cause: reason })
  }
  return { open, close: async () => void (await Promise.all(servers.map(close))) }
}

async function listen(address: string, port: number, answer: RequestListener): Promise<http.Server> {
  const limits = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS }
  const server = http.createServer({ ...limits, maxHeaderSize: MAX_HEAD, connectionsCheckingInterval: 1_000 }, answer)
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, ipv6Only: address.includes(':'), exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', () => undefined) // while accepting: the phone of the moment sees it
  return server
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
