import { create } from 'zustand'
import { watchConnection } from '../bridge.js'
import type { Connection } from '../transport.js'

/** Where the connection to the engine stands. */
export const useConnection = create<Connection>((set) => {
  watchConnection((connection) => set(connection, true))
  return { state: 'connecting' }
})

/** Runs `effect` now, if connected, and after each reconnection. @returns the function that ends it */
export function whenConnected(effect: () => void): () => void {
  let connected = false
  return watchConnection(({ state }) => {
    if (state === 'connected' && !connected) effect()
    connected = state === 'connected'
  })
}
