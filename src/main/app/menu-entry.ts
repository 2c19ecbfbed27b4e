import type { Preferences } from '../../shared/preferences.js'

/** What an entry of a menu does. */
export type MenuAction =
  | { do: 'open-window' }
  | { do: 'open-url'; url: string }
  | { do: 'copy'; text: string }
  | { do: 'set-enabled'; name: string; enabled: boolean }
  | { do: 'start-app' | 'stop-app' | 'restart-app'; name: string }
  | { do: 'stop-share'; id: string }
  | { do: 'close-tunnel'; relay: string }
  | { do: 'add-port'; name: string; port: number }
  | { do: 'turn-on' }
  | { do: 'turn-off' }
  | { do: 'set-preference'; patch: Partial<Preferences> }
  | { do: 'quit' }

/** One entry: a line to read, something to do, a switch, a submenu, or a separator. */
export type MenuEntry =
  | { separator: true }
  | { label: string; action?: MenuAction; checked?: boolean; entries?: MenuEntry[] }

export const SEPARATOR: MenuEntry = { separator: true }

const MAX_LABEL = 80

/** A label that does not make the menu wider than the screen. */
export function cut(label: string): string {
  return label.length <= MAX_LABEL ? label : `${label.slice(0, MAX_LABEL - 1)}…`
}
