import { z } from 'zod'
import { create } from 'zustand'
import type { App } from '../../shared/config.js'
import type { ShareStatus } from '../../shared/share-schemas.js'
import { recall, remember } from './remembered.js'

export const SCREENS = [
  'apps',
  'requests',
  'backends',
  'metrics',
  'share',
  'certificates',
  'doctor',
  'settings',
] as const
export type Screen = (typeof SCREENS)[number]
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** What lies over the window. */
export type Overlay =
  | { kind: 'palette' }
  | { kind: 'shortcuts' }
  /** `app` is null where it is to be chosen; `replaces` is the share whose place the new one takes */
  | { kind: 'share'; app: string | null; replaces: ShareStatus | null }
  /** `relay` is its address */
  | { kind: 'services'; relay: string }
  /** `replaces` is the name of the app being edited, null for a new one; `focus` is the field that it begins at */
  | { kind: 'app-form'; start: App | null; replaces: string | null; focus?: 'port' | 'backends' | 'command' }

const NARROWEST = 280
const WIDEST = 900

interface UiState {
  screen: Screen
  theme: Theme
  overlay: Overlay | null
  /** name of the app whose details are shown */
  selectedApp: string | null
  /** pixels */
  detailsWidth: number
  /** whether the request log has its charts above it */
  charts: boolean
  go(screen: Screen): void
  setTheme(theme: Theme): void
  show(overlay: Overlay | null): void
  selectApp(name: string | null): void
  setDetailsWidth(width: number): void
  setCharts(shown: boolean): void
}

/** Where the person is in the window, and how it looks; theme, screen and widths are remembered. */
export const useUi = create<UiState>((set) => ({
  screen: recall('screen', z.enum(SCREENS), 'apps'),
  theme: recall('theme', z.enum(THEMES), 'system'),
  overlay: null,
  selectedApp: null,
  detailsWidth: recall('details-width', z.number().min(NARROWEST).max(WIDEST), 400),
  charts: recall('charts', z.boolean(), true),
  go: (screen) => {
    remember('screen', screen)
    set({ screen })
  },
  setTheme: (theme) => {
    remember('theme', theme)
    applyTheme(theme)
    set({ theme })
  },
  show: (overlay) => set({ overlay }),
  selectApp: (selectedApp) => set({ selectedApp }),
  setDetailsWidth: (width) => {
    const detailsWidth = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))
    remember('details-width', detailsWidth)
    set({ detailsWidth })
  },
  setCharts: (charts) => {
    remember('charts', charts)
    set({ charts })
  },
}))

/** Puts a theme on the page; "system" leaves the choice to the system. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
