import { once } from 'node:events'
import net from 'node:net'
import type { z } from 'zod'
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  type CommandResult,
  EVENTS,
  type EventName,
  type EventPayload,
  type Portal,
} from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { Platform } from '../../platform/platform.js'
import { localEndpoint } from './endpoint.js'
import { canonicalDir, isPrivateDir } from './private-dir.js'
import { type ClientFrame, decodeServerFrame, encodeFrame, readLines, type ServerFrame } from './protocol.js'

export interface ControlClientOptions {
  dataDir: string
  platform: Platform
  /** told how many events were left out because this process read too slowly */
  onMissed?: (name: EventName, count: number) => void
}

interface Pending {
  resolve: (result: unknown) => void
  reject: (fault: Fault) => void
}

/** Speaks to the engine that runs with a data directory; commands are answered in the order they were given. */
export class ControlClient implements Portal {
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>
  readonly #socket: net.Socket
  readonly #onMissed: (name: EventName, count: number) => void
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()
  #end: Fault | null = null
  #nextId = 1

  private constructor(socket: net.Socket, onMissed: (name: EventName, count: number) => void) {
    this.#socket = socket
    this.#onMissed = onMissed
    this.closed = this.#read()
  }

  /**
   * @throws Fault `not-running` when no engine runs with the data directory; `forbidden` when it is another user's
   */
  static async connect({ dataDir, platform, onMissed }: ControlClientOptions): Promise<ControlClient> {
    const directory = await canonicalDir(dataDir)
    const endpoint = localEndpoint(directory, platform)
    const elsewhere = endpoint.directory !== null && endpoint.directory !== directory
    if (elsewhere && !(await isPrivateDir(endpoint.directory ?? ''))) throw notRunning()
    const socket = net.connect(endpoint.path)
    socket.on('error', () => socket.destroy())
    await once(socket, 'connect').catch((error) => {
      throw connectFault(error)
    })
    return new ControlClient(socket, onMissed ?? (() => undefined))
  }

  call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#end !== null) return reject(this.#end)
      const id = this.#nextId++
      this.#pending.set(id, { resolve, reject })
      this.#send({ id, name, params })
    }).then((result) => validated(COMMANDS[name].result, result) as CommandResult<N>)
  }

  on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener as (payload: never) => void)
    if (listeners.size === 1) this.#send({ subscribe: name })
    return () => {
      if (listeners.delete(listener as (payload: never) => void) && listeners.size === 0) {
        this.#send({ unsubscribe: name })
      }
    }
  }

  /** Hangs up; commands that were not answered are rejected. */
  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #send(frame: ClientFrame): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(frame))
  }

  async #read(): Promise<void> {
    try {
      for await (const line of readLines(this.#socket)) this.#take(decodeServerFrame(line))
      this.#finish(hungUp())
    } catch (thrown) {
      this.#finish(thrown instanceof Fault ? thrown : hungUp(thrown))
    }
  }

  #take(frame: ServerFrame): void {
    if ('event' in frame) this.#tell(frame.event, frame.payload)
    else if ('missed' in frame) this.#onMissed(frame.missed, frame.count)
    else if ('result' in frame) this.#takeOut(frame.id)?.resolve(frame.result)
    else if (frame.id !== null) this.#takeOut(frame.id)?.reject(Fault.from(frame.fault))
    else throw Fault.from(frame.fault)
  }

  #takeOut(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  #tell(name: EventName, payload: unknown): void {
    const checked = validated(EVENTS[name], payload)
    for (const listener of this.#listeners.get(name) ?? []) listener(checked as never)
  }

  #finish(fault: Fault): void {
    this.#end = fault
    this.#socket.destroy()
    for (const { reject } of this.#pending.values()) reject(fault)
    this.#pending.clear()
  }
}

function validated(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault(
    'protocol',
    'The running Portico answered in a way that this version does not understand.',
    'Restart it with this version: portico stop, then portico serve.',
  )
}

function connectFault(error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'EACCES' && code !== 'EPERM') return notRunning(error)
  return new Fault(
    'forbidden',
    'The Portico that runs with this data directory belongs to another user.',
    'Run this command as that user.',
    { cause: error },
  )
}

function notRunning(cause?: unknown): Fault {
  return new Fault('not-running', 'Portico is not running with this data directory.', 'Start it with: portico serve', {
    cause,
  })
}

function hungUp(cause?: unknown): Fault {
  return new Fault('not-running', 'Portico has closed the connection.', 'Start it with: portico serve', { cause })
}
