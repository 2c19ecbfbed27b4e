import { create } from 'zustand'
import type { ProcessStatus } from '../../shared/window-schemas.js'
import { call } from '../bridge.js'
import { attempt } from './toasts.js'
import { useUi } from './ui.js'

export type ProcessAction = 'start' | 'stop' | 'restart'
export type AppTab = 'overview' | 'policies' | 'output'

interface ProcessesState {
  /** what was asked for and has not come about yet, by app */
  pending: ReadonlyMap<string, ProcessAction>
  /** the side of an app that its details show */
  tab: AppTab
  setTab(tab: AppTab): void
}

/** What the person is doing with processes. */
export const useProcessActions = create<ProcessesState>((set) => ({
  pending: new Map(),
  tab: 'overview',
  setTab: (tab) => set({ tab }),
}))

/** Starts, stops or restarts the process of an app; a second wish takes the place of one that is under way. */
export async function actOnProcess(app: string, action: ProcessAction): Promise<void> {
  const mine = (pending: ReadonlyMap<string, ProcessAction>, wish: ProcessAction | null) => {
    const next = new Map(pending)
    if (wish === null) next.delete(app)
    else next.set(app, wish)
    return next
  }
  const { setState, getState } = useProcessActions
  setState(({ pending }) => ({ pending: mine(pending, action) }))
  await attempt(async () => void (await call(`app.${action}`, { name: app })))
  if (getState().pending.get(app) === action) setState(({ pending }) => ({ pending: mine(pending, null) }))
}

/** Goes to what an app's process prints. */
export function showOutput(app: string): void {
  const { selectApp, go } = useUi.getState()
  useProcessActions.getState().setTab('output')
  selectApp(app)
  go('apps')
}

/** Goes to what is done to the requests of an app. */
export function showPolicies(app: string): void {
  const { selectApp, go } = useUi.getState()
  useProcessActions.getState().setTab('policies')
  selectApp(app)
  go('apps')
}

/** How many processes have been given up on. */
export function failedProcesses(processes: readonly ProcessStatus[]): number {
  return processes.filter(({ state }) => state === 'failed').length
}
