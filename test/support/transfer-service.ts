import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

export const MIB = 1024 * 1024
/** What a transfer consists of. */
export const BLOCK = randomBytes(MIB)

export interface TransferService {
  readonly port: number
  close(): void
}

/** A TCP service: each connection gets so many blocks, and at its end the SHA-256 of what it sent. */
export async function startTransferService(blocks: number): Promise<TransferService> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}))
    transfer(socket, blocks).catch(() => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function transfer(socket: net.Socket, blocks: number): Promise<void> {
  const hash = createHash('sha256')
  const received = (async () => {
    for await (const chunk of socket) hash.update(chunk as Buffer)
  })()
  received.catch(() => {})
  for (let sent = 0; sent < blocks; sent += 1) if (!socket.write(BLOCK)) await once(socket, 'drain')
  await received
  socket.end(hash.digest())
}
