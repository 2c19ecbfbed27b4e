import { appHosts, type Config, panelHost } from '../../../shared/config.js'
import type { AppStatus, Portal, Problem, Status } from '../../../shared/contract.js'
import { formatAuthority } from '../../../shared/hostname.js'
import type { BackendStatus, CertificateStatus, ProcessStatus } from '../../../shared/window-schemas.js'
import { appStatus } from '../app-status.js'
import { parseConfig } from '../config/parse-config.js'
import { problemsIn, readConfigFile } from '../config/read-config-file.js'

/** What the gateway says of itself, or what its files say while none runs. */
export interface GatewayView {
  /** null while none runs */
  status: Status | null
  config: Config
  configFile: string
  /** of the config file as it is on disk; empty when it is in order */
  configProblems: Problem[]
  apps: AppStatus[]
  panelHost: string | null
  certificates: CertificateStatus[]
  backends: BackendStatus[]
  processes: ProcessStatus[]
}

/** @throws Fault when the gateway goes away meanwhile */
export async function viewOf(portal: Pick<Portal, 'call'>): Promise<GatewayView> {
  const [status, { document }, certificates, backends, processes] = await Promise.all([
    portal.call('status', {}),
    portal.call('config.get', {}),
    portal.call('certificates.list', {}),
    portal.call('backends.list', {}),
    portal.call('processes.list', {}),
  ])
  const parsed = parseConfig(JSON.stringify(document))
  const config = parsed.ok ? parsed.config : usualConfig()
  const configProblems = status.configError?.problems ?? []
  const { configFile, apps } = status
  return {
    status,
    config,
    configFile,
    configProblems,
    apps,
    panelHost: panelHost(config.panel),
    certificates,
    backends,
    processes,
  }
}

/** Without a gateway: what its config file says. One that is missing would be made. */
export async function viewOfFiles(configFile: string): Promise<GatewayView> {
  const disk = await readConfigFile(configFile)
  const config = disk.state === 'read' && disk.parsed.ok ? disk.parsed.config : usualConfig()
  return {
    status: null,
    config,
    configFile,
    configProblems: disk.state === 'missing' ? [] : problemsIn(disk),
    apps: config.apps.map((app) => appStatus(app, null)),
    panelHost: panelHost(config.panel),
    certificates: [],
    backends: [],
    processes: [],
  }
}

/** Every name of the config that somebody may ask for, which those of LAN mode are not; for a wildcard, a name below it. */
export function namesOf({ apps, panelHost }: GatewayView): string[] {
  const own = apps.filter(({ enabled }) => enabled).flatMap(({ app }) => appHosts(app))
  const names = [...own, ...(panelHost === null ? [] : [panelHost])].map((host) => host.replace(/^\*\./, 'any.'))
  return [...new Set(names)]
}

/** What clients ask for: an app that no process has to be started for, else the panel. Null when nothing is served. */
export function targetOf({
  status,
  apps,
  panelHost,
}: GatewayView): { host: string; address: string; port: number; url: string } | null {
  const https = (status?.listeners ?? []).filter(({ protocol }) => protocol === 'https')
  const listener = https.find(({ address }) => !address.includes(':')) ?? https[0]
  const quiet = apps.filter(({ enabled, app }) => enabled && app.process === undefined).flatMap(({ hosts }) => hosts)
  const host = quiet.find((name) => !name.startsWith('*.')) ?? panelHost
  if (listener === undefined || host === null) return null
  const port = listener.publicPort ?? listener.port
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[listener.address] ?? listener.address
  return { host, address, port, url: `https://${formatAuthority(host, port === 443 ? null : port)}/` }
}

function usualConfig(): Config {
  const parsed = parseConfig('{"version":1}')
  if (parsed.ok) return parsed.config
  throw new Error('the usual config is invalid')
}
