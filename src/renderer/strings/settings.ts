/** Words of the settings. */

export const settings = {
  appearance: 'Appearance',
  theme: 'Theme',
  themes: { system: 'Follow the system', light: 'Light', dark: 'Dark' },
  desktop: {
    title: 'Desktop app',
    startGateway: 'Start the gateway when Portico opens',
    closeToTray: 'Keep serving when the window is closed',
    openAtLogin: 'Open Portico at login',
  },
  config: 'Configuration file',
  configText:
    'Edits to it apply within a second. A file with mistakes changes nothing: the last good one goes on serving.',
  file: 'File',
  data: 'Data directory',
  inOrder: 'The file is in order.',
  refused: 'The file as it is on disk is not being served',
  warnings: 'Accepted, but not done by this version',
  listeners: 'Listeners',
  about: 'About',
  version: 'Version',
  process: 'Process',
  uptime: 'Running for',
  sessions: 'Browsers logged in to this panel',
  noSessions: 'None.',
  lastSeen: (when: string) => `last seen ${when}`,
} as const
