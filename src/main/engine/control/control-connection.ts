import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { COMMANDS, type CommandName, type Portal, type Problem } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { EventFeed, Follower } from './event-feed.js'
import {
  decodeClientFrame,
  encodeFrame,
  isCommandName,
  MAX_LINE_BYTES,
  readLines,
  type ServerFrame,
} from './protocol.js'

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
    else this.#say(await this.#answer(frame.id, frame.name, frame.params ?? {}))
  }

  async #answer(id: number, name: string, params: unknown): Promise<ServerFrame> {
    try {
      if (!isCommandName(name)) throw unknownCommand(name)
      return { id, result: await this.#carryOut(name, params) }
    } catch (thrown) {
      const fault = Fault.of(thrown)
      if (fault.code === 'internal') this.#context.log.error({ err: thrown, command: name }, 'a command failed')
      return { id, fault: fault.toJSON() }
    }
  }

  async #carryOut(name: CommandName, params: unknown): Promise<unknown> {
    const parsed = COMMANDS[name].params.safeParse(params)
    if (!parsed.success) throw badParams(name, problemsOf(parsed.error.issues))
    return this.#context.portal.call(name, parsed.data as never)
  }

  #say(frame: ServerFrame): void {
    const line = encodeFrame(frame)
    const tooLong = 'id' in frame && Buffer.byteLength(line) > MAX_LINE_BYTES
    const fault = new Fault('protocol', 'The answer is too long for one message.', 'Ask for less at a time.')
    this.send(tooLong ? encodeFrame({ id: frame.id, fault: fault.toJSON() }) : line)
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

function problemsOf(issues: readonly { path: PropertyKey[]; message: string }[]): Problem[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
}

function unknownCommand(name: string): Fault {
  return new Fault(
    'bad-request',
    `There is no command ${JSON.stringify(name.slice(0, 60))}.`,
    'Use the same version of Portico on both sides.',
  )
}

function badParams(name: CommandName, problems: Problem[]): Fault {
  const reasons = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return new Fault('bad-request', `"${name}" was refused: ${reasons.join('; ')}.`, 'Correct it and try again.')
}
