import { ipcMain } from 'electron'
import { COMMANDS, type CommandName } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import type { EngineClient } from './engine-client.js'
import { APP_ORIGIN } from './window.js'

/** Offers the contract to the window, and to nothing but the window. Faults travel as data: Electron flattens errors. */
export function serveIpc(engine: EngineClient): void {
  ipcMain.handle('portico:call', async (event, name: unknown, params: unknown) => {
    try {
      if (event.senderFrame?.origin !== APP_ORIGIN) throw new Fault('bad-request', 'This page may not use the bridge.')
      if (typeof name !== 'string' || !Object.hasOwn(COMMANDS, name))
        throw new Fault('bad-request', 'There is no such command.')
      const command = name as CommandName
      const parsed = COMMANDS[command].params.safeParse(params)
      if (!parsed.success) throw new Fault('bad-request', `"${command}" was called with invalid parameters.`)
      return { result: await engine.call(command, parsed.data as never) }
    } catch (error) {
      return { fault: Fault.of(error).toJSON() }
    }
  })
}
