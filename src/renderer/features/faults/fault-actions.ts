import { z } from 'zod'
import { create } from 'zustand'
import type { App } from '../../../shared/config.js'
import type { AppStatus } from '../../../shared/contract.js'
import { durationSchema } from '../../../shared/duration.js'
import { call } from '../../bridge.js'
import { recall, remember } from '../../stores/remembered.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { type FaultChoices, type FaultKind, readFaults, USUAL, withFault, withoutFault } from './fault-settings.js'
import { faultedApps, faultsKept, faultsOn, withFaults, withFaultsOff } from './faulted-apps.js'

const SHARE = z.number().min(0).max(1)
const choicesSchema = z
  .object({
    slow: z.object({ time: durationSchema, share: SHARE }),
    jittery: z.object({ spread: durationSchema, share: SHARE }),
    errors: z.object({ status: z.int().min(400).max(599), share: SHARE }),
    drops: z.object({ share: SHARE }),
    narrow: z.object({ bandwidth: z.int().min(1) }),
  })
  .partial()
/** Apps of which it is remembered; the oldest is forgotten. */
const MOST = 100
const MEMORY = 'faults'

type Choices = Partial<FaultChoices>

interface FaultsState {
  /** how much of each fault there was when it was last on, or is to be when it is turned on, by app */
  chosen: Readonly<Record<string, Choices>>
  choose(app: string, choices: Choices): void
}

/** What the person has chosen of faults; remembered, so that whatever is turned off comes back as it was. */
export const useFaultChoices = create<FaultsState>((set, get) => ({
  chosen: recall(MEMORY, z.record(z.string(), choicesSchema), {}) as Record<string, Choices>,
  choose: (app, choices) => {
    const { [app]: before, ...others } = get().chosen
    const latest = Object.entries({ ...others, [app]: { ...before, ...choices } }).slice(-MOST)
    const chosen = Object.fromEntries(latest)
    remember(MEMORY, chosen)
    set({ chosen })
  },
}))

/** How much of each fault an app has, had, or would have. */
export function choicesFor(app: App, chosen: Choices | undefined): FaultChoices {
  return { ...USUAL, ...chosen, ...readFaults(faultsKept(app)), ...readFaults(faultsOn(app)) }
}

/** Turns one fault of an app on, or sets it otherwise. What was kept for later is remembered when this takes its place. */
export function turnFaultOn<K extends FaultKind>(name: string, kind: K, choice: FaultChoices[K]): Promise<void> {
  return change(name, (app) => {
    useFaultChoices.getState().choose(name, { ...readFaults(faultsKept(app)), [kind]: choice })
    return withFaults(app, withFault(faultsOn(app), kind, choice))
  })
}

/** How much of a fault there is, or will be once it is turned on. */
export function setFault<K extends FaultKind>(name: string, kind: K, choice: FaultChoices[K]): Promise<void> {
  useFaultChoices.getState().choose(name, { [kind]: choice })
  return change(name, (app) => {
    const on = faultsOn(app)
    return readFaults(on)[kind] === undefined ? app : withFaults(app, withFault(on, kind, choice))
  })
}

export function turnFaultOff(name: string, kind: FaultKind): Promise<void> {
  return change(name, (app) => {
    const { [kind]: was } = readFaults(faultsOn(app))
    if (was !== undefined) useFaultChoices.getState().choose(name, { [kind]: was })
    return withFaults(app, withoutFault(faultsOn(app), kind))
  })
}

/** Turns on again what was kept for later. */
export function turnFaultsOnAgain(name: string): Promise<void> {
  return change(name, (app) => withFaults(app, faultsKept(app) ?? faultsOn(app)))
}

/** Ends every fault there is, and keeps their settings; the toast can bring them back. */
export function endFaults(apps: readonly AppStatus[]): Promise<void> {
  const names = faultedApps(apps)
  return attempt(async () => {
    const before: App[] = []
    for (const name of names) {
      await update(name, (app) => {
        before.push(app)
        return withFaultsOff(app)
      })
    }
    const restore = () =>
      attempt(async () => {
        for (const app of before) await call('app.update', { name: app.name, app })
      })
    const message = strings.faults.off(names.join(', '))
    const action = { label: strings.actions.undo, run: () => void restore() }
    useToasts.getState().show({ message, tone: 'plain', action })
  })
}

function change(name: string, edit: (app: App) => App): Promise<void> {
  return attempt(() => update(name, edit))
}

let turn: Promise<void> = Promise.resolve()

/** One after the other, each on what the one before has left: clicks come faster than the config is written. */
function update(name: string, edit: (app: App) => App): Promise<void> {
  const mine = turn.then(async () => {
    const found = (await call('app.list', {})).find((one) => one.name === name)
    if (found === undefined) return
    const edited = edit(found.app)
    if (edited !== found.app) await call('app.update', { name, app: edited })
  })
  turn = mine.catch(() => {})
  return mine
}
