import type { CommandName, CommandParams, CommandResult } from '../shared/contract.js'
import { COMMANDS } from '../shared/contract.js'
import { Fault, type FaultData } from '../shared/fault.js'

declare global {
  interface Window {
    /** present in the desktop app: the preload exposes it */
    portico?: { call(name: string, params: unknown): Promise<unknown> }
  }
}

/** Calls a command of the engine. Rejects with a Fault. */
export async function call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>> {
  if (window.portico === undefined) throw new Fault('not-running', 'This page is not connected to an engine.')
  const reply = (await window.portico.call(name, params)) as { result?: unknown; fault?: FaultData }
  if (reply.fault !== undefined) throw Fault.from(reply.fault)
  return COMMANDS[name].result.parse(reply.result) as CommandResult<N>
}
