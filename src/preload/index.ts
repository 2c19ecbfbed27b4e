import { contextBridge, ipcRenderer } from 'electron'

/** The only thing the page can reach: named calls of the contract, answered with a result or a fault as data. */
contextBridge.exposeInMainWorld('portico', {
  call: (name: string, params: unknown): Promise<unknown> => ipcRenderer.invoke('portico:call', name, params),
})
