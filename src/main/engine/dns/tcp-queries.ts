import type { Socket } from 'node:net'
import { MAX_QUERY } from './answer-query.js'

const IDLE_MS = 10_000
/** Answers that a client does not fetch; past this it is read no further until it has. */
const UNREAD = 64 * 1024
const LENGTH = 2

/**
 * Answers the queries on a TCP connection, each behind its length (RFC 1035 section 4.2.2). A connection that stays
 * silent, or announces more than a query ever has, is closed.
 *
 * @param answer null: the client does not speak DNS, and is let go
 */
export function answerTcp(socket: Socket, answer: (query: Buffer) => Buffer | null): void {
  let pending: Buffer = Buffer.alloc(0)
  const read = () => {
    while (pending.length >= LENGTH) {
      const length = pending.readUInt16BE(0)
      if (length > MAX_QUERY) return void socket.destroy()
      if (pending.length < LENGTH + length) return
      const reply = answer(pending.subarray(LENGTH, LENGTH + length))
      pending = pending.subarray(LENGTH + length)
      if (reply === null) return void socket.destroy()
      socket.write(framed(reply))
    }
  }
  socket.setTimeout(IDLE_MS, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('drain', () => socket.resume())
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    read()
    if (socket.writableLength > UNREAD) socket.pause()
  })
}

function framed(reply: Buffer): Buffer {
  const frame = Buffer.alloc(LENGTH + reply.length)
  frame.writeUInt16BE(reply.length, 0)
  reply.copy(frame, LENGTH)
  return frame
}
