import type { MenuAction } from './tray-model.js'

/** An entry of the menu bar: one of the system's own roles, or something of Portico's. */
export type BarEntry =
  | { separator: true }
  | { role: BarRole }
  | { label: string; accelerator?: string; action: MenuAction }

type BarRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'reload'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'minimize'
  | 'zoom'
  | 'front'
  | 'close'

export interface BarMenu {
  label: string
  /** the system's own menu of that kind, where it has one */
  role?: 'window' | 'help'
  entries: BarEntry[]
}

const SEPARATOR: BarEntry = { separator: true }

/**
 * The menu bar by the conventions of the system: macOS has an application menu with About, Hide and Quit; elsewhere
 * those are under File and Help.
 */
export function menuModel(platform: NodeJS.Platform): BarMenu[] {
  const mac = platform === 'darwin'
  const edit: BarEntry[] = [...roles('undo', 'redo'), SEPARATOR, ...roles('cut', 'copy', 'paste', 'selectAll')]
  const view: BarEntry[] = [
    ...roles('reload'),
    SEPARATOR,
    ...roles('resetZoom', 'zoomIn', 'zoomOut'),
    SEPARATOR,
    ...roles('togglefullscreen'),
  ]
  return [
    ...(mac ? [macMenu()] : []),
    { label: 'File', entries: mac ? [...gateway(), SEPARATOR, ...roles('close')] : fileEntries() },
    { label: 'Edit', entries: edit },
    { label: 'View', entries: view },
    {
      label: 'Window',
      role: 'window',
      entries: mac ? [...roles('minimize', 'zoom'), SEPARATOR, ...roles('front')] : roles('minimize', 'close'),
    },
    ...(mac ? [] : [{ label: 'Help', role: 'help', entries: roles('about') } satisfies BarMenu]),
  ]
}

function macMenu(): BarMenu {
  const hide: BarEntry[] = roles('hide', 'hideOthers', 'unhide')
  const entries = [...roles('about'), SEPARATOR, ...roles('services'), SEPARATOR, ...hide, SEPARATOR, quit('Command+Q')]
  return { label: 'Portico', entries }
}

function fileEntries(): BarEntry[] {
  return [...gateway(), SEPARATOR, quit('Control+Q')]
}

function gateway(): BarEntry[] {
  return [
    { label: 'Open Portico', accelerator: 'CommandOrControl+O', action: { do: 'open-window' } },
    { label: 'Start Gateway', action: { do: 'start-gateway' } },
    { label: 'Stop Gateway', action: { do: 'stop-gateway' } },
  ]
}

function quit(accelerator: string): BarEntry {
  return { label: 'Quit Portico', accelerator, action: { do: 'quit' } }
}

function roles(...names: BarRole[]): BarEntry[] {
  return names.map((role) => ({ role }))
}
