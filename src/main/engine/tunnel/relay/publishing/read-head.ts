import type { Socket } from 'node:net'

/** What the gateway lets a client send, and what it adds itself. */
const LONGEST_HEAD = 64 * 1024
const PATIENCE_MS = 10_000
const END = Buffer.from('\r\n\r\n')

/**
 * Reads a connection until it has brought the head of its first request, and puts that back.
 *
 * @returns the head; null when it does not come, or is too long
 */
export function readHead(socket: Socket): Promise<string | null> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0)
    const settle = (head: string | null) => {
      clearTimeout(timer)
      socket.off('data', take).off('end', lost).off('close', lost)
      socket.pause()
      if (head !== null) socket.unshift(read)
      resolve(head)
    }
    const lost = () => settle(null)
    const take = (chunk: Buffer) => {
      read = Buffer.concat([read, chunk])
      const end = read.indexOf(END)
      if (end !== -1) settle(read.toString('latin1', 0, end))
      else if (read.length > LONGEST_HEAD) settle(null)
    }
    const timer = setTimeout(lost, PATIENCE_MS)
    socket.on('data', take).on('end', lost).on('close', lost)
  })
}

/** Whether a head has a field with exactly this value, once. */
export function hasField(head: string, name: string, value: string): boolean {
  const fields = head.split('\r\n').slice(1)
  const own = fields.filter((field) => field.slice(0, field.indexOf(':')).toLowerCase() === name)
  return own.length === 1 && own[0]!.slice(own[0]!.indexOf(':') + 1).trim() === value
}
