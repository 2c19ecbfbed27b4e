import { z } from 'zod'
import {
  COMMANDS,
  type CommandName,
  type CommandParams,
  type CommandResult,
  EVENTS,
  type EventName,
  type EventPayload,
} from '../shared/contract.js'
import { Fault } from '../shared/fault.js'
import { SHELL_COMMANDS, type ShellCommandName } from '../shared/shell-contract.js'
import { breathe, startSlice } from './breathe.js'
import { type Preload, PreloadTransport } from './preload-transport.js'
import { SocketTransport } from './socket-transport.js'
import type { Connection, Transport } from './transport.js'

declare global {
  interface Window {
    /** present in the desktop app: the preload exposes it */
    portico?: Preload
  }
}

/** False in a browser, where there is a panel and no shell. */
export const inDesktopApp = window.portico !== undefined

/** A page has one way to the engine: the preload in the desktop app, the panel's WebSocket in a browser. */
const transport: Transport =
  window.portico === undefined
    ? new SocketTransport(`${location.origin.replace(/^http/, 'ws')}/api`)
    : new PreloadTransport(window.portico)

/** Calls a command of the engine. Rejects with a Fault. */
export async function call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
  const reply = await transport.call(name, params)
  if ('fault' in reply) throw Fault.from(reply.fault)
  return COMMANDS[name].result.parse(reply.result) as CommandResult<N>
}

/**
 * Calls a command that answers with a list, which may be long: it is checked in slices, and the page goes on meanwhile.
 * Rejects with a Fault.
 */
export async function callForMany<N extends ListCommand>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
  const reply = await transport.call(name, params)
  if ('fault' in reply) throw Fault.from(reply.fault)
  const { element } = COMMANDS[name].result
  const checked: unknown[] = []
  let isOver = startSlice()
  for (const item of z.array(z.unknown()).parse(reply.result)) {
    checked.push(element.parse(item))
    if (!isOver()) continue
    await breathe()
    isOver = startSlice()
  }
  return checked as CommandResult<N>
}

type ListCommand = {
  [N in CommandName]: (typeof COMMANDS)[N]['result'] extends z.ZodArray ? N : never
}[CommandName]

/** Calls a command of the desktop shell. Rejects with a Fault. */
export async function callShell<N extends ShellCommandName>(
  name: N,
  params: z.input<(typeof SHELL_COMMANDS)[N]['params']>,
): Promise<z.output<(typeof SHELL_COMMANDS)[N]['result']>> {
  const reply = await transport.call(name, params)
  if ('fault' in reply) throw Fault.from(reply.fault)
  return SHELL_COMMANDS[name].result.parse(reply.result) as z.output<(typeof SHELL_COMMANDS)[N]['result']>
}

/** Subscribes to an event of the engine; what does not fit the contract is not delivered. */
export function on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
  return transport.on(name, (payload) => {
    const parsed = EVENTS[name].safeParse(payload)
    if (parsed.success) listener(parsed.data as EventPayload<N>)
  })
}

/** Tells where the connection stands, now and at every change. */
export function watchConnection(listener: (connection: Connection) => void): () => void {
  return transport.watch(listener)
}

/** Tries to connect now. */
export function retryConnection(): void {
  transport.retry()
}
