import { create } from 'zustand'
import type { Status } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { call } from '../bridge.js'

interface StatusState {
  status: Status | null
  fault: Fault | null
  refresh(): Promise<void>
}

/** What the engine says of itself, as of the last refresh. */
export const useStatus = create<StatusState>((set) => ({
  status: null,
  fault: null,
  refresh: async () => {
    try {
      set({ status: await call('status', {}), fault: null })
    } catch (error) {
      set({ fault: Fault.of(error) })
    }
  },
}))
