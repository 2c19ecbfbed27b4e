import { create } from 'zustand'
import { Fault } from '../../shared/fault.js'

export interface Toast {
  id: number
  message: string
  /** what to do about it; of a fault */
  hint?: string | undefined
  tone: 'plain' | 'bad'
  action?: { label: string; run(): void }
}

const SHOWN_MS = 8_000
const MOST = 4

interface ToastsState {
  toasts: Toast[]
  next: number
  show(toast: Omit<Toast, 'id'>): void
  dismiss(id: number): void
}

/** Short messages, each with at most one thing to do; they go by themselves unless they tell of a fault. */
export const useToasts = create<ToastsState>((set, get) => ({
  toasts: [],
  next: 1,
  show: (toast) => {
    const id = get().next
    set(({ toasts }) => ({ toasts: [...toasts, { ...toast, id }].slice(-MOST), next: id + 1 }))
    if (toast.tone === 'plain') setTimeout(() => get().dismiss(id), SHOWN_MS)
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}))

/** Runs what a person asked for; what goes wrong is told to them. */
export async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    const { message, hint } = Fault.of(error)
    useToasts.getState().show({ message, hint, tone: 'bad' })
  }
}
