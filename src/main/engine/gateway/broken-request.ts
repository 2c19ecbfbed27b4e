import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}

/**
 * Answers bytes that never became a request, and closes. Returns false when an earlier answer is still under way on
 * the connection: nothing can be said then without corrupting it.
 */
export function answerBrokenRequest(socket: Socket, status: number, message: string): boolean {
  const current = (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage
  if (!socket.writable || current) return false
  const body = `${status} ${message}\n`
  socket.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Bad Request'}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroySoon(),
  )
  return true
}
