import { create } from 'zustand'
import { createFeed } from './feed.js'
import { useStatus } from './feeds.js'

/** The apps that are shown outside, newest first, and the latest that were. */
export const useShares = createFeed('share.list', 'shares')
/** By what an app can be shared: looked at when asked, which takes a moment. */
export const useShareWays = createFeed('share.ways', null)

/** Names of the apps that can be shared. */
export function useSharableApps(): string[] {
  return (useStatus().data?.apps ?? []).filter(({ enabled }) => enabled).map(({ name }) => name)
}

interface SharingState {
  /** apps that were asked for and are not in the list yet */
  pending: ReadonlySet<string>
  /** passwords that were given in this window, by the id of their share; the engine does not tell them again, and nothing else keeps them */
  passwords: ReadonlyMap<string, string>
  /** id of the share that gets the focus as soon as it is drawn */
  focus: string | null
  setPending(app: string, pending: boolean): void
  keepPassword(id: string, password: string): void
  setFocus(id: string | null): void
}

/** What the person is doing with shares; it goes with the page. */
export const useSharing = create<SharingState>((set) => ({
  pending: new Set(),
  passwords: new Map(),
  focus: null,
  setPending: (app, pending) =>
    set(({ pending: before }) => {
      const next = new Set(before)
      if (pending) next.add(app)
      else next.delete(app)
      return { pending: next }
    }),
  keepPassword: (id, password) => set(({ passwords }) => ({ passwords: new Map(passwords).set(id, password) })),
  setFocus: (focus) => set({ focus }),
}))
