import Store from 'electron-store'
import { type Preferences, preferencesSchema, type Settings } from '../../shared/preferences.js'

/** The shell's preferences, in a file of their own beside nothing of the engine's. */
export interface PreferenceStore {
  readonly current: Preferences
  /** Changes some of them, writes them down, and tells the listeners. */
  update(patch: Partial<Preferences>): void
  onChange(listener: (preferences: Preferences) => void): void
  /** why they cannot be kept; null when they are */
  readonly problem: string | null
}

/**
 * Opens the preferences. A file that is not JSON is replaced, a value that is not what it should be is its default; one
 * that cannot be read or written leaves them in memory alone and is told as a problem.
 */
export function openPreferences(): PreferenceStore {
  const listeners: ((preferences: Preferences) => void)[] = []
  let problem: string | null = null
  const attempt = <T>(work: () => T): T | null => {
    try {
      return work()
    } catch (error) {
      problem = `The preferences cannot be kept: ${error instanceof Error ? error.message : String(error)}`
      return null
    }
  }
  const store = attempt(() => new Store({ name: 'preferences', clearInvalidConfig: true }))
  let current = preferencesSchema.parse(attempt(() => ({ ...store?.store })) ?? {})
  return {
    get current() {
      return current
    },
    get problem() {
      return problem
    },
    update(patch) {
      current = preferencesSchema.parse({ ...current, ...patch })
      attempt(() => store?.set(current))
      for (const listener of listeners) listener(current)
    },
    onChange: (listener) => void listeners.push(listener),
  }
}

/** What of the preferences the window shows and changes. */
export function settingsOf({ theme, openAtLogin, startGateway, closeToTray }: Preferences): Settings {
  return { theme, openAtLogin, startGateway, closeToTray }
}
