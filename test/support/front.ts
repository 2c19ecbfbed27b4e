import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

export interface Front {
  readonly port: number
  close(): Promise<void>
}

const PREFACE = Buffer.from('PRI * HTTP/2.0')

/** One port for two servers: connections that begin HTTP/2 without TLS go to the one, all others to the other. */
export async function startFront(http2Port: number, http1Port: number): Promise<Front> {
  const sockets = new Set<Socket>()
  const server = net.createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    client.once('data', (first) => {
      const port = first.subarray(0, PREFACE.length).equals(PREFACE) ? http2Port : http1Port
      const backend = net.connect(port, '127.0.0.1')
      backend.on('error', () => client.destroy())
      backend.on('close', () => client.destroy())
      client.on('close', () => {
        sockets.delete(client)
        backend.destroy()
      })
      backend.write(first)
      client.pipe(backend).pipe(client)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
