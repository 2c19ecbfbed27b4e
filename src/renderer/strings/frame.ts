/** Words of the frame around the screens, and those that several screens share. */

export const screens = {
  apps: 'Apps',
  requests: 'Requests',
  backends: 'Backends',
  metrics: 'Metrics',
  share: 'Share',
  certificates: 'Certificates',
  doctor: 'Doctor',
  settings: 'Settings',
} as const

export const actions = {
  add: 'Add',
  addApp: 'Add app',
  cancel: 'Cancel',
  clear: 'Clear',
  clearFilters: 'Clear filters',
  close: 'Close',
  copied: 'Copied',
  copy: (what: string) => `Copy ${what}`,
  copyAsCurl: 'Copy as curl',
  delete: 'Delete',
  disable: 'Disable',
  dismiss: 'Dismiss',
  duplicate: 'Duplicate',
  edit: 'Edit',
  enable: 'Enable',
  open: (what: string) => `Open ${what}`,
  pause: 'Pause',
  reload: 'Check the file again',
  resizeDetails: 'Resize details (left and right arrows)',
  resume: 'Resume',
  retry: 'Try again',
  retryNow: 'Try now',
  revoke: 'End session',
  save: 'Save',
  undo: 'Undo',
} as const

export const table = {
  columns: 'Columns',
} as const

export const connection = {
  connecting: 'Connecting…',
  disconnected: 'Portico is not answering.',
  paused: 'The gateway is off.',
  stopped: 'The gateway is stopped.',
  reconnecting: (seconds: number) =>
    seconds > 0
      ? `What you see is from before. Trying again in ${seconds} s.`
      : 'What you see is from before. Trying again…',
  starting: 'Starting…',
  stopping: 'Stopping…',
  serving: (ports: string) => `Serving on ${ports}`,
  notServing: 'Not listening',
  lost: 'The connection to Portico was lost.',
  lostHint: 'It is being opened again; repeat what you did then.',
  loginAgain: 'Open the panel again with the address that "portico open" prints.',
} as const

export const power = {
  label: 'Portico',
  on: 'On',
  off: 'Off',
  turnOn: 'Turn Portico on',
  turnOff: 'Turn Portico off',
  question: 'Turn Portico off?',
  locksOut: 'This window comes through Portico and closes with it. To turn it on again, run this in a terminal:',
  command: 'portico resume',
  offHere: 'Portico is off. Turn it on with: portico resume',
} as const

export const status = {
  apps: (count: string, one: boolean) => `${count} ${one ? 'app' : 'apps'}`,
  rate: (rate: string) => `${rate} req/s`,
  failed: (count: number) => `${count} failed`,
  p95: (ms: string) => `p95 ${ms}`,
  problems: (count: number) => (count === 0 ? 'No problems' : count === 1 ? '1 problem' : `${count} problems`),
  ca: (until: string) => `CA valid until ${until}`,
  version: (version: string) => `Portico ${version}`,
} as const

export const relative = {
  now: 'just now',
  ago: (amount: string) => `${amount} ago`,
  in: (amount: string) => `in ${amount}`,
} as const

export const health = {
  healthy: 'Healthy',
  unhealthy: 'Unhealthy',
  unknown: 'Not used yet',
  ready: 'Ready',
  disabled: 'Disabled',
} as const
