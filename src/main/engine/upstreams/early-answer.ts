import type { Socket } from 'node:net'

/** How long an answer may take to appear once the backend has stopped reading. */
const ANSWER_MS = 1_000

type Done = (error?: Error | null) => void

/**
 * Lets an answer that came before the request was complete be read. A backend that refuses an upload answers and hangs
 * up; the next write then fails, and Node would throw the connection away with the answer unread in it (RFC 9112
 * section 9.5). Here a failed write waits instead: what arrived is read to its end, and only then the socket fails.
 */
export function readEarlyAnswer(socket: Socket): void {
  const { _write: write, _writev: writev } = socket
  const failLater = (done: Done): Done => {
    return (error) => {
      if (error == null || !isHangUp(error)) return done(error)
      const timer = setTimeout(() => socket.destroy(error), ANSWER_MS)
      socket.once('close', () => clearTimeout(timer))
    }
  }
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, failLater(done))
  if (writev != null) socket._writev = (chunks, done) => writev.call(socket, chunks, failLater(done))
}

function isHangUp(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET'
}
