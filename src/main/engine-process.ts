import { COMMANDS, type CommandName, type EventName } from '../shared/contract.js'
import { type EngineFrame, shellFrameSchema } from '../shared/engine-wire.js'
import { Fault } from '../shared/fault.js'
import { defaultConfigFile, defaultDataDir } from './engine/config/paths.js'
import { hostEngine } from './host/host-engine.js'
import { ShellVault } from './host/shell-vault.js'

/**
 * The engine as the desktop app runs it: in a utility process, answering the contract over its parent port. It says
 * when it serves, or why it cannot; what arrives before that waits. The shell ends a process that refused.
 */
const keyVault = new ShellVault((vault, ask) => send({ vault, ask }))
const started = hostEngine({ dataDir: defaultDataDir(), configFile: defaultConfigFile(), fromDesktop: true, keyVault })
const subscriptions = new Map<EventName, () => void>()

started.then(
  async (hosted) => {
    send({ serving: true })
    await hosted.engine.stopped
    await hosted.close()
    process.exit(0)
  },
  (error: unknown) => send({ refused: Fault.of(error).toJSON() }),
)

process.parentPort.on('message', async ({ data }) => {
  const frame = shellFrameSchema.safeParse(data)
  if (!frame.success) return
  if ('subscribe' in frame.data) await subscribe(frame.data.subscribe)
  else if ('unsubscribe' in frame.data) unsubscribe(frame.data.unsubscribe)
  else if ('vault' in frame.data) keyVault.receive(frame.data.vault, frame.data.answer)
  else send(await answer(frame.data.id, frame.data.name, frame.data.params))
})

function send(frame: EngineFrame): void {
  process.parentPort.postMessage(frame)
}

async function subscribe(name: EventName): Promise<void> {
  const hosted = await started.catch(() => null) // the refusal has been sent
  if (hosted === null || subscriptions.has(name)) return
  subscriptions.set(
    name,
    hosted.engine.on(name, (payload) => send({ event: name, payload })),
  )
}

function unsubscribe(name: EventName): void {
  subscriptions.get(name)?.()
  subscriptions.delete(name)
}

async function answer(id: number, name: string, params: unknown): Promise<EngineFrame> {
  try {
    if (!Object.hasOwn(COMMANDS, name)) throw new Fault('bad-request', 'There is no such command.')
    const { engine } = await started
    return { id, result: await engine.call(name as CommandName, params as never) }
  } catch (error) {
    return { id, fault: Fault.of(error).toJSON() }
  }
}
