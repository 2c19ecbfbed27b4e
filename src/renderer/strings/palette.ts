/** Words of the command palette and of the list of keys. */

export const palette = {
  label: 'Command palette',
  placeholder: 'Type a command or the name of an app',
  none: 'Nothing matches.',
  go: (screen: string) => `Go to ${screen}`,
  openApp: (name: string) => `Open ${name} in the browser`,
  showApp: (name: string) => `Show ${name}`,
  policies: (name: string) => `Policies of ${name}`,
  editApp: (name: string) => `Edit ${name}`,
  process: {
    start: (name: string) => `Start ${name}`,
    stop: (name: string) => `Stop ${name}`,
    restart: (name: string) => `Restart ${name}`,
  },
  showOutput: (name: string) => `Show output of ${name}`,
  copyUrl: (name: string) => `Copy the address of ${name}`,
  theme: (name: string) => `Theme: ${name}`,
  checkMachine: 'Have the doctor check this machine',
  shortcuts: 'Keyboard shortcuts',
  short: 'Commands',
  shortcutsShort: 'Shortcuts',
} as const

export const shortcuts = {
  palette: 'Command palette',
  filter: 'Focus the filter',
  move: 'Next and previous row',
  close: 'Close details',
  add: 'Add app',
  share: 'Share the selected app',
  pause: 'Pause or resume the log',
  screens: 'Go to a screen',
  help: 'This list',
} as const
