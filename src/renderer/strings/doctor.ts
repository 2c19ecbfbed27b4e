/** Words of the doctor's screen. */

export const doctor = {
  intro: 'Looks at this machine with the clients that are on it, and says what to do about what it finds.',
  findings: 'Findings',
  check: 'Check again',
  checking: 'Checking…',
  lastRun: (when: string) => `Last checked ${when}`,
  summary: (fails: number, warns: number) =>
    fails + warns === 0
      ? 'No problems found.'
      : [fails > 0 && `${fails} failed`, warns > 0 && `${warns} to look at`].filter(Boolean).join(', '),
  groups: {
    gateway: 'Gateway',
    trust: 'Clients and trust',
    names: 'Names',
    certificates: 'Certificates and keys',
    machine: 'This machine',
    apps: 'Apps',
  },
  states: { pass: 'In order', warn: 'Look at', fail: 'Failed' },
  /** topics that have not been looked at before */
  topic: (kind: string, of: string) => (of === '' ? (TOPICS[kind] ?? kind) : `${TOPICS[kind] ?? kind}: ${of}`),
  fixCommand: 'fix command',
  showPlan: 'Fix it…',
  actions: {
    'app.restart': 'Restart',
    'certificates.renew': 'Renew',
    'backend.drain': 'Resume',
    'gateway.resume': 'Turn on',
  },
} as const

const TOPICS: Record<string, string> = {
  gateway: 'Whether the gateway runs',
  engine: 'Other gateways',
  config: 'Config file',
  port: 'Port',
  client: 'Request from',
  trust: 'Trust stores',
  name: 'Name',
  'hosts-file': 'Hosts file',
  'search-domain': 'Search domains',
  ca: 'Local CA',
  certificate: 'Certificates',
  file: 'Keys and folders',
  proxy: 'Proxies',
  vpn: 'VPNs',
  container: 'Containers',
  app: 'Processes and backends',
}
