import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron'
import { COMMANDS, type CommandName, EVENTS, type EventName, type Portal } from '../../shared/contract.js'
import { Fault, type FaultData } from '../../shared/fault.js'
import { IPC } from '../../shared/ipc-channels.js'
import {
  type EngineState,
  SHELL_COMMANDS,
  type ShellCommandName,
  type ShellExecutors,
} from '../../shared/shell-contract.js'
import { mayUseBridge } from './trust.js'

/** What the window may reach. */
export interface Bridged {
  engine: Portal & { readonly state: EngineState; onState(listener: (state: EngineState) => void): () => void }
  shell: ShellExecutors
  trustedOrigin: string
  /** the page of the window; null when there is none */
  page(): WebContents | null
}

/**
 * Offers the engine's contract and the shell's own to the window, and to nothing but the window. Faults travel as data:
 * Electron flattens errors.
 */
export function serveIpc(bridged: Bridged): void {
  ipcMain.handle(IPC.call, async (event, name: unknown, params: unknown): Promise<Reply> => {
    try {
      if (!isTrusted(event, bridged)) throw new Fault('forbidden', 'This page may not use the bridge.')
      return { result: await execute(bridged, name, params) }
    } catch (error) {
      return { fault: Fault.of(error).toJSON() }
    }
  })
  const subscriptions = new Subscriptions(bridged)
  ipcMain.on(IPC.subscribe, (event, name: unknown) => {
    if (isTrusted(event, bridged)) subscriptions.add(event.sender, name)
  })
  ipcMain.on(IPC.unsubscribe, (event, name: unknown) => {
    if (isTrusted(event, bridged)) subscriptions.remove(event.sender, name)
  })
}

type Reply = { result: unknown } | { fault: FaultData }

function isTrusted(event: IpcMainInvokeEvent | IpcMainEvent, { page, trustedOrigin }: Bridged): boolean {
  const { sender, senderFrame } = event
  return mayUseBridge(
    {
      origin: senderFrame?.origin ?? null,
      mainFrame: senderFrame !== null && senderFrame.parent === null,
      ownWindow: sender === page(),
    },
    trustedOrigin,
  )
}

function execute({ engine, shell }: Bridged, name: unknown, params: unknown): unknown {
  if (typeof name === 'string' && Object.hasOwn(SHELL_COMMANDS, name)) {
    const command = name as ShellCommandName
    return shell[command](checked(command, SHELL_COMMANDS[command].params.safeParse(params)) as never)
  }
  if (typeof name !== 'string' || !Object.hasOwn(COMMANDS, name))
    throw new Fault('bad-request', 'There is no such command.')
  const command = name as CommandName
  return engine.call(command, checked(command, COMMANDS[command].params.safeParse(params)) as never)
}

function checked(name: string, parsed: { success: boolean; data?: unknown }): unknown {
  if (parsed.success) return parsed.data
  throw new Fault('bad-request', `"${name}" was called with invalid parameters.`)
}

/** What each page has subscribed to; a page that is left or lost has subscribed to nothing any more. */
class Subscriptions {
  readonly #bridged: Bridged
  readonly #pages = new Map<WebContents, Map<string, () => void>>()

  constructor(bridged: Bridged) {
    this.#bridged = bridged
  }

  add(page: WebContents, name: unknown): void {
    if (typeof name !== 'string') return
    const { engine } = this.#bridged
    if (name === 'engine') page.send(IPC.event, name, engine.state)
    const known = this.#pages.get(page) ?? this.#follow(page)
    if (known.has(name)) return
    const send = (payload: unknown) => page.isDestroyed() || page.send(IPC.event, name, payload)
    if (name === 'engine') known.set(name, engine.onState(send))
    else if (Object.hasOwn(EVENTS, name)) known.set(name, engine.on(name as EventName, send))
  }

  remove(page: WebContents, name: unknown): void {
    if (typeof name !== 'string') return
    this.#pages.get(page)?.get(name)?.()
    this.#pages.get(page)?.delete(name)
  }

  #follow(page: WebContents): Map<string, () => void> {
    const known = new Map<string, () => void>()
    this.#pages.set(page, known)
    const forget = () => {
      for (const end of known.values()) end()
      known.clear()
    }
    page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) forget()
    })
    page.on('render-process-gone', forget)
    page.once('destroyed', () => {
      forget()
      this.#pages.delete(page)
    })
    return known
  }
}
