import type { MenuAction } from './menu-entry.js'

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
 *
 * @param off the gateway is off and can be turned on
 */
export function menuModel(platform: NodeJS.Platform, off: boolean): BarMenu[] {
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
    { label: 'File', entries: mac ? [...gateway(off), SEPARATOR, ...roles('close')] : fileEntries(off) },
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

function fileEntries(off: boolean): BarEntry[] {
  return [...gateway(off), SEPARATOR, quit('Control+Q')]
}

function gateway(off: boolean): BarEntry[] {
  return [
    { label: 'Open Portico', accelerator: 'CommandOrControl+O', action: { do: 'open-window' } },
    off
      ? { label: 'Turn Portico On', action: { do: 'turn-on' } }
      : { label: 'Turn Portico Off', action: { do: 'turn-off' } },
  ]
}

function quit(accelerator: string): BarEntry {
  return { label: 'Quit Portico', accelerator, action: { do: 'quit' } }
}

function roles(...names: BarRole[]): BarEntry[] {
  return names.map((role) => ({ role }))
}
