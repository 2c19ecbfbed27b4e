import { create } from 'zustand'
import type { SystemWish } from '../../shared/system-schemas.js'
import type { TrustAction } from '../../shared/trust-schemas.js'

/** What a person wants done to the machine that Portico runs on. */
export type ChangeWish =
  /** `stores` by id; all that are not optional when left out */
  | { kind: 'trust'; action: TrustAction; stores?: string[] }
  /** a new CA in place of this one, which may vouch for these domains too */
  | { kind: 'rotate'; addDomains?: string[] }
  | ({ kind: 'system' } & SystemWish)

interface ChangeDialogState {
  wish: ChangeWish | null
  /** called each time something was changed, and when that was tried */
  changed: () => void
  /** @param changed by default that of the dialog which is open */
  ask(wish: ChangeWish, changed?: () => void): void
  close(): void
}

const nobody = () => {}

/** The dialog that shows what a change would do, and does it; and what it was opened for. */
export const useChangeDialog = create<ChangeDialogState>((set) => ({
  wish: null,
  changed: nobody,
  ask: (wish, changed) => set(changed === undefined ? { wish } : { wish, changed }),
  close: () => set({ wish: null, changed: nobody }),
}))
