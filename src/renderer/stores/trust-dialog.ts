import { create } from 'zustand'
import type { TrustAction } from '../../shared/trust-schemas.js'

/** What a person wants done about the local CA and the stores that trust it. */
export type TrustWish =
  /** `stores` by id; all that are not optional when left out */
  | { kind: 'change'; action: TrustAction; stores?: string[] }
  /** a new CA in place of this one */
  | { kind: 'rotate' }

interface TrustDialogState {
  wish: TrustWish | null
  ask(wish: TrustWish): void
  close(): void
}

/** The dialog that changes trust stores, and what it was opened for. */
export const useTrustDialog = create<TrustDialogState>((set) => ({
  wish: null,
  ask: (wish) => set({ wish }),
  close: () => set({ wish: null }),
}))
