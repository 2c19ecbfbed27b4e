import { z } from 'zod'
import { create } from 'zustand'
import { shareViaSchema } from '../../shared/share-schemas.js'
import { recall, remember } from './remembered.js'

const choiceSchema = z.object({
  /** null before one was chosen */
  via: shareViaSchema.nullable(),
  /** below the relay's domain; empty for that of the app */
  name: z.string(),
  /** milliseconds; null until a person ends it */
  lifetimeMs: z.int().positive().nullable(),
  /** whether visitors are asked for one; which one is not kept anywhere */
  password: z.boolean(),
})

/** How a person shares an app. */
export type ShareChoice = z.output<typeof choiceSchema>

/** A working day: who forgets it does not show it for weeks. */
const USUAL: ShareChoice = { via: null, name: '', lifetimeMs: 8 * 3_600_000, password: false }
/** Apps of which it is remembered; the oldest is forgotten. */
const MOST = 100
const MEMORY = 'share'

interface ShareChoicesState {
  chosen: Readonly<Record<string, ShareChoice>>
  choose(app: string, choice: ShareChoice): void
}

/** How each app was shared last; remembered. */
export const useShareChoices = create<ShareChoicesState>((set, get) => ({
  chosen: recall(MEMORY, z.record(z.string(), choiceSchema), {}),
  choose: (app, choice) => {
    const { [app]: _, ...others } = get().chosen
    const chosen = Object.fromEntries(Object.entries({ ...others, [app]: choice }).slice(-MOST))
    remember(MEMORY, chosen)
    set({ chosen })
  },
}))

/** How an app was shared last, or would be. */
export function shareChoiceOf(app: string): ShareChoice {
  return useShareChoices.getState().chosen[app] ?? USUAL
}
