import type { Obstacle, ToolMachine } from './tool.js'

const STATUS_MS = 5_000
/** whose `tailscale funnel` runs in the foreground: https://tailscale.com/kb/1311/tailscale-funnel */
const FIRST_VERSION = [1, 52] as const

/** What of `tailscale status --json` is looked at; older versions have a list in place of the map. */
interface Status {
  BackendState?: unknown
  AuthURL?: unknown
  Self?: { ID?: unknown; Capabilities?: unknown; CapMap?: unknown } | null
}

/**
 * What keeps Funnel from being used: asks the service of this machine, and nobody else.
 *
 * @param env for the program
 */
export async function funnelObstacle(
  machine: ToolMachine,
  program: string,
  version: string | null,
  env: Readonly<Record<string, string>>,
): Promise<Obstacle | null> {
  if (version !== null && isTooOld(version)) {
    return {
      message: `Tailscale ${version} does not know this way to use Funnel, which came with 1.52.`,
      hint: 'Update it: sudo tailscale update, or https://tailscale.com/download',
    }
  }
  const { code, stdout, stderr } = await machine.run(program, ['status', '--json', '--peers=false'], {
    env,
    timeoutMs: STATUS_MS,
  })
  const status = parse(stdout)
  if (status === null) return noAnswer(code, stderr, machine)
  return obstacleIn(status)
}

/** Exported for its tests: what a machine's own state, as `tailscale status --json` tells it, lacks for Funnel. */
export function obstacleIn({ BackendState: state, AuthURL: link, Self: self }: Status): Obstacle | null {
  if (state === 'Stopped') return { message: 'Tailscale is turned off.', hint: 'Turn it on: tailscale up' }
  if (state === 'NeedsLogin' || state === 'NoState') {
    const where = typeof link === 'string' && link !== '' ? `, at ${link}` : ''
    return { message: 'Nobody is logged in to Tailscale.', hint: `Log in${where}: tailscale up` }
  }
  if (state === 'NeedsMachineAuth') {
    const hint = 'Approve it: https://login.tailscale.com/admin/machines'
    return { message: 'The tailnet’s admin has not approved this machine yet.', hint }
  }
  const able = capabilities(self)
  // Both are needed, in this order: https://tailscale.com/kb/1223/funnel#requirements-and-limitations
  if (able === null || (able.has('https') && able.has('funnel'))) return null
  const enable = enablingLink(self)
  if (!able.has('https')) {
    const hint = enable ?? 'Turn on HTTPS Certificates: https://login.tailscale.com/admin/dns'
    return { message: 'The tailnet has no HTTPS certificates, which Funnel needs.', hint }
  }
  return {
    message: 'The tailnet’s policy does not let this machine use Funnel.',
    hint: enable ?? 'Give it the node attribute "funnel": https://tailscale.com/s/no-funnel',
  }
}

/** The page that `tailscale funnel` would send one to, where an admin allows both by a click. */
function enablingLink(self: Status['Self']): string | null {
  const id = self?.ID
  if (typeof id !== 'string' || !/^n\w+CNTRL$/.test(id)) return null
  return `Enable it: https://login.tailscale.com/f/funnel?node=${id}`
}

/** Null when it does not tell, as while it starts. */
function capabilities(self: Status['Self']): ReadonlySet<string> | null {
  const { CapMap: map, Capabilities: list } = self ?? {}
  const names = [
    ...(typeof map === 'object' && map !== null ? Object.keys(map) : []),
    ...(Array.isArray(list) ? list : []),
  ]
  if (names.length === 0) return null
  // By their former names they are addresses: https://tailscale.com/cap/funnel
  return new Set(names.map((name) => String(name).replace(/^https:\/\/tailscale\.com\/cap\//, '')))
}

function noAnswer(code: number | null, stderr: string, { platform }: ToolMachine): Obstacle | null {
  if (/access denied|permission denied/i.test(stderr)) return OPERATOR
  if (code === null) return null // it is slow today; what is wrong shows when it is used
  const start = {
    linux: 'Start it: sudo systemctl start tailscaled',
    darwin: 'Open the Tailscale app.',
    win32: 'Start the service "Tailscale", or open its app.',
  }
  const hint = platform in start ? start[platform as keyof typeof start] : 'Start tailscaled.'
  return { message: 'Tailscale is not running.', hint }
}

/** https://tailscale.com/kb/1080/cli#set */
export const OPERATOR: Obstacle = {
  message: 'Tailscale does not let this user change what this machine serves.',
  hint: 'Allow it once: sudo tailscale set --operator=$USER',
}

function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < FIRST_VERSION[0] || (major === FIRST_VERSION[0] && minor < FIRST_VERSION[1])
}

function parse(text: string): Status | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
