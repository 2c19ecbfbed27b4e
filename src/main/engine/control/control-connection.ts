import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import type { Portal } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { answerRequest, encodeAnswer } from './answer-request.js'
import type { EventFeed, Follower } from './event-feed.js'
import { decodeClientFrame, readLines, type ServerFrame } from './protocol.js'

export interface ConnectionContext {
  portal: Portal
  feed: EventFeed
  log: Logger
}

const LINGER_MS = 1_000

/**
 * One client of the control socket. Its requests are carried out one after another: a client that sends without
 * reading is not read from either, and so can hold no more than one answer's memory.
 */
export class ControlConnection implements Follower {
  readonly #socket: Socket
  readonly #context: ConnectionContext
  #busy = false
  #closing = false

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket
    this.#context = context
  }

  get pendingBytes(): number {
    return this.#socket.writableLength
  }

  send(line: string): void {
    if (this.#socket.writable) this.#socket.write(line)
  }

  /** Serves until the client goes away, breaks the protocol, or `close` is called. Never rejects. */
  async serve(): Promise<void> {
    const { feed, log } = this.#context
    this.#socket.on('drain', () => feed.caughtUp(this))
    try {
      for await (const line of readLines(this.#socket)) {
        this.#busy = true
        await this.#obey(line)
        if (this.#socket.writableNeedDrain) await drained(this.#socket)
        this.#busy = false
        if (this.#closing) break
      }
    } catch (thrown) {
      if (thrown instanceof Fault) this.#say({ id: null, fault: thrown.toJSON() })
      else log.debug({ err: thrown }, 'a client of the control socket went away')
    } finally {
      feed.drop(this)
      hangUp(this.#socket)
    }
  }

  /** Hangs up when the answer under way has been given, at the latest after `graceMs` milliseconds. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true
    this.#context.feed.drop(this)
    if (this.#socket.closed) return
    const closed = new Promise((resolve) => this.#socket.on('close', resolve))
    const timer = setTimeout(() => this.#socket.destroy(), graceMs)
    if (!this.#busy) hangUp(this.#socket)
    await closed
    clearTimeout(timer)
  }

  async #obey(line: string): Promise<void> {
    const { feed } = this.#context
    const frame = decodeClientFrame(line)
    if ('subscribe' in frame) feed.follow(frame.subscribe, this)
    else if ('unsubscribe' in frame) feed.unfollow(frame.unsubscribe, this)
    else this.#say(await answerRequest(frame, this.#context))
  }

  #say(frame: ServerFrame): void {
    this.send(encodeAnswer(frame))
  }
}

/**
 * Says goodbye, and lets the other side finish its sentence: closing on what it still sends would reset the connection,
 * and with it the last word it was told.
 */
function hangUp(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.on('close', () => clearTimeout(timer))
  socket.end()
  socket.resume()
}

/** Resolves when what was written has been read, or never will be. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done)
      resolve()
    }
    socket.on('drain', done).on('close', done)
  })
}
