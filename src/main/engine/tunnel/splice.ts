import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * Options of a TCP connection that is spliced: each half closes by itself, and no second chunk is kept for a side that has
 * not taken the first, so that with the window a stream never has more than 256 KiB waiting at either end.
 */
export const SPLICED = { allowHalfOpen: true, highWaterMark: 1 } as const

/**
 * Joins a TCP connection with a stream of the tunnel until both directions are over. Each half closes by itself; an error
 * of one resets the other.
 *
 * @param socket made with the options `SPLICED`
 * @param done called once, when both are over
 */
export function splice(socket: Socket, stream: Duplex, done: () => void): void {
  let open = 2
  const closed = () => {
    open -= 1
    if (open === 0) done()
  }
  socket.on('error', (error) => stream.destroy(error))
  socket.on('close', () => {
    // What was read to its end may still be waiting for its turn in the tunnel.
    if (!socket.readableEnded || !socket.writableFinished) stream.destroy()
    closed()
  })
  stream.on('error', () => socket.resetAndDestroy())
  stream.on('close', () => {
    if (!stream.readableEnded || !stream.writableFinished) socket.resetAndDestroy()
    closed()
  })
  socket.pipe(stream)
  stream.pipe(socket)
}
