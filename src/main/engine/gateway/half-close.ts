import type { Socket } from 'node:net'

/** The exchange that is being answered on a connection whose client has sent its FIN. */
export interface AnsweredExchange {
  /** an interim response may be written now: the final one has not begun, and the client knows them */
  readonly mayInterim: boolean
  /** the final response has begun */
  readonly answering: boolean
}

const INTERVAL_MS = 200
/** A write to a socket that nobody owns is answered with a reset, which fails the next write at the latest. */
const SURVIVED_WRITES = 3
/** How long an answer under way may stand still before its client counts as gone. */
const SILENT_MS = 600

/**
 * Finds out what a client's FIN means: it may have half-closed and still be reading, or its process may be gone. Only
 * writes can tell. Before the head, interim responses are written (any number may precede the final one, RFC 9110
 * section 15.2); after it, the body itself is the probe, and one that does not move is given up. A client that survived
 * a few writes reads on purpose and is left in peace. HTTP/1.0 knows no interim responses: there the answer has to tell.
 *
 * @param current the exchange that is being answered; null when there is none left
 */
export function probeHalfClosed(socket: Socket, current: () => AnsweredExchange | null): void {
  let survived = 0
  let silentMs = 0
  let written = socket.bytesWritten
  const look = () => {
    const exchange = current()
    if (exchange === null || socket.destroyed) return
    if (socket.bytesWritten !== written) {
      survived += 1
      silentMs = 0
    }
    if (survived === SURVIVED_WRITES) return
    if (silentMs >= SILENT_MS) return void socket.destroy()
    written = socket.bytesWritten
    if (exchange.mayInterim) socket.write(PROCESSING)
    else if (exchange.answering) silentMs += INTERVAL_MS
    setTimeout(look, INTERVAL_MS).unref()
  }
  look()
}

/** RFC 2518 section 10.1: the request is being worked on. */
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n'
