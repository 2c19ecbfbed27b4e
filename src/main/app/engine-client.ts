import path from 'node:path'
import { utilityProcess } from 'electron'
import { COMMANDS, type CommandName, type CommandParams, type CommandResult } from '../../shared/contract.js'
import { type EngineReply, engineReplySchema } from '../../shared/engine-wire.js'
import { Fault } from '../../shared/fault.js'

/** The shell's end of the line to the engine, which lives in a process of its own. */
export interface EngineClient {
  call<N extends CommandName>(name: N, params: CommandParams<N>): Promise<CommandResult<N>>
  /** Lets requests in progress end, then ends the process. */
  stop(): void
}

/** Starts the engine's process. Calls made before it is ready wait for it; its death fails those that are open. */
export function forkEngine(): EngineClient {
  const child = utilityProcess.fork(path.join(import.meta.dirname, 'engine-process.js'), [], {
    serviceName: 'Portico engine',
  })
  const open = new Map<
    number,
    { name: CommandName; resolve: (result: never) => void; reject: (fault: Fault) => void }
  >()
  let nextId = 0
  child.on('message', (message: unknown) => {
    const reply = engineReplySchema.safeParse(message)
    if (!reply.success) return
    settle(open.get(reply.data.id), reply.data)
    open.delete(reply.data.id)
  })
  child.on('exit', (code) => {
    for (const { reject } of open.values())
      reject(new Fault('not-running', `The engine ended (exit code ${code}).`, 'Restart Portico.'))
    open.clear()
  })
  return {
    call: (name, params) =>
      new Promise((resolve, reject) => {
        const id = nextId++
        open.set(id, { name, resolve, reject })
        child.postMessage({ id, name, params })
      }),
    stop: () => child.postMessage({ id: nextId++, name: 'stop', params: {} }),
  }
}

function settle(
  caller: { name: CommandName; resolve: (result: never) => void; reject: (fault: Fault) => void } | undefined,
  reply: EngineReply,
): void {
  if (caller === undefined) return
  if (reply.fault !== undefined) {
    caller.reject(Fault.from(reply.fault))
    return
  }
  const result = COMMANDS[caller.name].result.safeParse(reply.result)
  if (result.success) caller.resolve(result.data as never)
  else caller.reject(new Fault('protocol', `The engine answered "${caller.name}" with something else than agreed.`))
}
