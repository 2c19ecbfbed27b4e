import { create } from 'zustand'
import type { App } from '../../shared/config.js'

export const SCREENS = ['apps', 'requests', 'backends', 'certificates', 'settings'] as const
export type Screen = (typeof SCREENS)[number]
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** What lies over the window. */
export type Overlay =
  | { kind: 'palette' }
  | { kind: 'shortcuts' }
  /** `replaces` is the name of the app being edited; null for a new one */
  | { kind: 'app-form'; start: App | null; replaces: string | null }

interface UiState {
  screen: Screen
  theme: Theme
  overlay: Overlay | null
  /** name of the app whose details are shown */
  selectedApp: string | null
  /** pixels */
  detailsWidth: number
  go(screen: Screen): void
  setTheme(theme: Theme): void
  show(overlay: Overlay | null): void
  selectApp(name: string | null): void
  setDetailsWidth(width: number): void
}

/** Where the person is in the window, and how it looks; theme, screen and widths are remembered. */
export const useUi = create<UiState>((set) => ({
  screen: remembered('screen', SCREENS, 'apps'),
  theme: remembered('theme', THEMES, 'system'),
  overlay: null,
  selectedApp: null,
  detailsWidth: Number(localStorage.getItem(key('details-width')) ?? 400),
  go: (screen) => set({ screen: remember('screen', screen) }),
  setTheme: (theme) => {
    applyTheme(remember('theme', theme))
    set({ theme })
  },
  show: (overlay) => set({ overlay }),
  selectApp: (selectedApp) => set({ selectedApp }),
  setDetailsWidth: (width) => {
    const detailsWidth = Math.round(Math.min(900, Math.max(280, width)))
    localStorage.setItem(key('details-width'), String(detailsWidth))
    set({ detailsWidth })
  },
}))

/** Puts a theme on the page; "system" leaves the choice to the system. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function remembered<T extends string>(name: string, known: readonly T[], otherwise: T): T {
  const stored = localStorage.getItem(key(name))
  return known.find((one) => one === stored) ?? otherwise
}

function remember<T extends string>(name: string, value: T): T {
  localStorage.setItem(key(name), value)
  return value
}

function key(name: string): string {
  return `portico.${name}`
}
