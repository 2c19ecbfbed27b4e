import { Fault } from '../../shared/fault.js'
import { formatAuthority } from '../../shared/hostname.js'
import { localEndpoint } from '../engine/control/endpoint.js'
import { InstanceLock } from '../engine/control/instance-lock.js'
import { canonicalDir } from '../engine/control/private-dir.js'
import { isAnswering } from '../engine/control/probe.js'
import { KeptRelay } from '../engine/tunnel/relay/kept-relay.js'
import type { RelayAdmin } from '../engine/tunnel/relay/relay-admin.js'
import { RelayClient } from '../engine/tunnel/relay/relay-client.js'
import { RELAY_ENDPOINT } from '../engine/tunnel/relay/relay-files.js'
import { proxyWishSchema, tokenWishSchema } from '../engine/tunnel/relay/relay-schemas.js'
import { lockRelay } from '../host/host-relay.js'
import { currentPlatform } from '../platform/platform.js'
import { plainJson } from './escape.js'
import { formatProxies, formatRelayStatus, formatTokens } from './format-relay.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'
import { bandwidth, duration, hostAndPort, portRange, relayDirOf, wholeNumber } from './relay-options.js'

export interface TokenOptions extends CommonOptions {
  agent?: string
  ports?: string
  expires?: string
  admin?: boolean
  connections?: string
  proxies?: string
  bandwidth?: string
}

export interface ProxyOptions extends CommonOptions {
  agent: string
  localPort: string
  to: string
  bind?: string
}

type ListOptions = CommonOptions & { json?: boolean }

/** `portico relay token create`: the token alone on standard output. */
export async function createToken(options: TokenOptions): Promise<void> {
  if (options.agent === undefined && options.admin !== true) {
    throw new Fault('usage', 'Whose token is it to be?', 'Name an agent with --agent, or say --admin.')
  }
  const expires = options.expires === undefined ? null : Date.now() + duration('--expires', options.expires)
  if (expires !== null && expires > 8.64e15)
    throw new Fault('usage', '--expires: there is no such time.', 'Leave it out.')
  const wish = valid(tokenWishSchema, {
    client_id: options.agent ?? null,
    admin: options.admin === true,
    ports: options.ports === undefined ? null : portRange('--ports', options.ports),
    expires_at: expires === null ? null : new Date(expires).toISOString(),
    max_connections: numberOption('--connections', options.connections),
    max_proxies: numberOption('--proxies', options.proxies),
    max_bandwidth: options.bandwidth === undefined ? null : bandwidth('--bandwidth', options.bandwidth),
  })
  const { id, token } = await changing(options, (relay) => relay.createToken(wish))
  print(token)
  note(`This is token ${id}. It is not shown again.`)
}

/** `portico relay token list`. */
export async function listTokens(options: ListOptions): Promise<void> {
  const tokens = await looking(options, (relay) => relay.listTokens())
  if (options.json === true) print(plainJson(tokens))
  else for (const line of formatTokens(tokens)) print(line)
}

/** `portico relay token revoke`. */
export async function revokeToken(id: string, options: CommonOptions): Promise<void> {
  await changing(options, (relay) => relay.revokeToken(id))
  print(`Token ${id} is revoked.`)
}

/** `portico relay proxy add`: where it listens. */
export async function addProxy(options: ProxyOptions): Promise<void> {
  const { host, port } = hostAndPort('--to', options.to)
  const wish = valid(proxyWishSchema, {
    client_id: options.agent,
    local_port: wholeNumber('--local-port', options.localPort, 0, 65_535),
    local_address: options.bind,
    remote_host: host,
    remote_port: port,
  })
  const { id, local_address, local_port, state } = await changing(options, (relay) => relay.createProxy(wish))
  print(formatAuthority(local_address, local_port))
  note(`This is proxy ${id}.${state === 'relay-not-running' ? ' It listens when the relay is started.' : ''}`)
}

/** `portico relay proxy list`. */
export async function listProxies(options: ListOptions): Promise<void> {
  const proxies = await looking(options, (relay) => relay.listProxies())
  if (options.json === true) print(plainJson(proxies))
  else for (const line of formatProxies(proxies)) print(line)
}

/** `portico relay proxy remove`. */
export async function removeProxy(id: string, options: CommonOptions): Promise<void> {
  await changing(options, (relay) => relay.deleteProxy(id))
  print(`Proxy ${id} is removed.`)
}

/** `portico relay status`. */
export async function relayStatus(options: ListOptions): Promise<void> {
  const [status, stats] = await looking(options, (relay) => Promise.all([relay.status(), relay.proxyStats()]))
  if (options.json === true) print(plainJson({ ...status, stats }))
  else for (const line of formatRelayStatus(status, stats)) print(line)
}

/** Asks the relay that runs; without one, reads its files. */
async function looking<T>(options: CommonOptions, work: (relay: RelayAdmin) => Promise<T>): Promise<T> {
  const dataDir = await canonicalDir(relayDirOf(options))
  return work((await runningRelay(dataDir)) ?? (await KeptRelay.open(dataDir)))
}

/** Has the relay that runs do it; without one, changes its files while none can be started. */
async function changing<T>(options: CommonOptions, work: (relay: RelayAdmin) => Promise<T>): Promise<T> {
  const dataDir = await canonicalDir(relayDirOf(options))
  const running = await runningRelay(dataDir)
  if (running !== null) return work(running)
  const lock = await lockRelay(dataDir).catch(async (refusal: unknown) => {
    // One may have been started meanwhile.
    const started = await runningRelay(dataDir)
    if (started === null) throw refusal
    return started
  })
  if (!(lock instanceof InstanceLock)) return work(lock)
  try {
    return await work(await KeptRelay.open(dataDir))
  } finally {
    await lock.release()
  }
}

async function runningRelay(dataDir: string): Promise<RelayAdmin | null> {
  const platform = currentPlatform()
  if (!(await isAnswering(dataDir, platform, RELAY_ENDPOINT))) return null
  return new RelayClient(localEndpoint(dataDir, platform, RELAY_ENDPOINT).path)
}

function numberOption(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text, 1, 1_000_000)
}

interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } }
}

function valid<T>(schema: Schema<T>, value: object): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues as { message: string; path?: PropertyKey[] }[]
  throw new Fault(
    'usage',
    `${OPTION_OF[String(issue?.path?.[0])] ?? 'It'} ${issue?.message}.`,
    'See: portico relay --help',
  )
}

const OPTION_OF: Record<string, string> = {
  client_id: '--agent',
  remote_host: '--to',
  remote_port: '--to',
  local_address: '--bind',
}
