import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'

/** One connection of the gateway to a scripted upstream. */
export interface RawExchange {
  socket: Socket
  /** everything received on this connection so far, as latin1 */
  received: string
  /** how many request heads have been answered on this connection */
  turn: number
}

export interface RawUpstream {
  readonly port: number
  readonly url: string
  /** bytes of every connection, as latin1, in order of connecting */
  readonly received: string[]
  readonly sockets: Socket[]
  close(): Promise<void>
}

/**
 * A TCP server that answers as its script says, well-formed or not.
 *
 * @param script called when the head of a request without body has arrived (and again for each further one)
 */
export async function startRawUpstream(script: (exchange: RawExchange) => void): Promise<RawUpstream> {
  const received: string[] = []
  const sockets: Socket[] = []
  const server = net.createServer((socket) => {
    const index = sockets.push(socket) - 1
    received[index] = ''
    let answered = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      received[index] += chunk.toString('latin1')
      const heads = (received[index] as string).split('\r\n\r\n').length - 1
      while (answered < heads && !socket.destroyed) {
        answered += 1
        script({ socket, received: received[index] as string, turn: answered })
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    received,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** An upstream that answers every request with the same bytes. */
export function startAnswering(answer: string | Buffer, { end = false } = {}): Promise<RawUpstream> {
  return startRawUpstream(({ socket }) => {
    if (end) socket.end(answer, 'latin1')
    else socket.write(answer, 'latin1')
  })
}
