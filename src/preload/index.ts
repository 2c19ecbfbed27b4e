import { contextBridge, ipcRenderer } from 'electron'
import { IPC } from '../shared/ipc-channels.js'

type Listener = (payload: unknown) => void

const listeners = new Map<string, Set<Listener>>()

/** The only thing the page can reach: named calls, answered with a result or a fault as data, and named events. */
contextBridge.exposeInMainWorld('portico', {
  call: (name: string, params: unknown): Promise<unknown> => ipcRenderer.invoke(IPC.call, name, params),
  on: (name: string, listener: Listener): (() => void) => {
    // A wrapper of its own for each call: the same function may be registered twice, and ends once each time.
    const own: Listener = (payload) => listener(payload)
    const known = listeners.get(name)
    if (known === undefined) listeners.set(name, new Set([own]))
    else known.add(own)
    // Also for the second listener: whoever subscribes is sent what is already known.
    ipcRenderer.send(IPC.subscribe, name)
    return () => end(name, own)
  },
})

ipcRenderer.on(IPC.event, (_event, name: string, payload: unknown) => {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(payload)
})

function end(name: string, listener: Listener): void {
  const known = listeners.get(name)
  if (known?.delete(listener) !== true || known.size > 0) return
  listeners.delete(name)
  ipcRenderer.send(IPC.unsubscribe, name)
}
