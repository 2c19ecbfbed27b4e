import { COMMANDS, type CommandName } from '../shared/contract.js'
import { type EngineReply, engineCallSchema } from '../shared/engine-wire.js'
import { Fault } from '../shared/fault.js'
import { defaultConfigFile, defaultDataDir } from './engine/config/paths.js'
import { hostEngine } from './host/host-engine.js'

/**
 * The engine as the desktop app runs it: in a utility process, answering the contract over its parent port. Calls that
 * arrive while it starts wait for it; when it cannot start, they get the reason.
 */
const started = hostEngine({ dataDir: defaultDataDir(), configFile: defaultConfigFile() })
started.then(
  async (hosted) => {
    await hosted.engine.stopped
    await hosted.close()
    process.exit(0)
  },
  () => {}, // every call gets the reason
)

process.parentPort.on('message', async ({ data }) => {
  const call = engineCallSchema.safeParse(data)
  if (call.success) process.parentPort.postMessage(await answer(call.data.id, call.data.name, call.data.params))
})

async function answer(id: number, name: string, params: unknown): Promise<EngineReply> {
  try {
    if (!Object.hasOwn(COMMANDS, name)) throw new Fault('bad-request', 'There is no such command.')
    const { engine } = await started
    return { id, result: await engine.call(name as CommandName, params as never) }
  } catch (error) {
    return { id, fault: Fault.of(error).toJSON() }
  }
}
