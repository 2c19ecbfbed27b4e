import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { CLIENTS, type ClientId, type DoctorProbes } from '../../../shared/doctor-facts.js'
import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import type { TrustStoreStatus } from '../../../shared/trust-schemas.js'
import type { HostFacts } from '../engine-options.js'
import { formerAuthorities } from '../tls/former-authorities.js'
import { parseCertificate, validityOf } from '../tls/leaf.js'
import { nameConstraintsOf } from '../tls/name-constraints.js'
import { domainFor, permits } from '../tls/permitted-names.js'
import { fail, fixBy } from './check.js'
import { type GatewayView, namesOf, targetOf } from './gateway-view.js'
import { judgeApps } from './judge-apps.js'
import { judgeCa, judgeCertificates } from './judge-certificates.js'
import { judgeClient } from './judge-client.js'
import { judgeFiles } from './judge-files.js'
import { judgeConfig, judgeGateway } from './judge-gateway.js'
import { judgeHosts, judgeName, judgeSearch } from './judge-names.js'
import { judgePort } from './judge-ports.js'
import { judgeContainers, judgeEngines, judgeProxies, judgeTunnels } from './judge-surroundings.js'
import { judgeTrust } from './judge-trust.js'

/** Something to look at. Its checks have its id, or one that goes on with a colon after it. */
export interface Topic {
  id: string
  look(): Promise<DoctorCheck[]>
}

export type DoctorHost = Pick<HostFacts, 'portHolder' | 'permitLowPortsCommand' | 'trustStores'> & {
  doctor: DoctorProbes
}

export interface DoctorScene {
  view: GatewayView
  host: DoctorHost
  /** absolute */
  dataDir: string
  /** the words that call the command line */
  portico: string
  /** milliseconds since the epoch */
  now: number
}

/** A config may have hundreds of names, and each may take the resolver's whole patience. */
const MOST_NAMES = 20

/** Everything there is to look at, what is quick first. */
export function topicsOf(scene: DoctorScene): Topic[] {
  const { view, host, dataDir, portico, now } = scene
  const { doctor } = host
  const names = namesOf(view)
  const bound = boundOf(view)
  const stores = once(() => trustStores(scene))
  return [
    { id: 'gateway', look: async () => judgeGateway(view, portico) },
    { id: 'config', look: async () => judgeConfig(view, portico) },
    {
      id: 'engine',
      look: async () => judgeEngines(await doctor.otherEngines([process.pid, view.status?.pid ?? process.pid])),
    },
    ...(['https', 'http'] as const).map((protocol) => ({
      id: `port:${protocol}`,
      look: () => lookAtPort(scene, protocol),
    })),
    ...CLIENTS.map((client) => ({ id: `client:${client}`, look: () => lookAtClient(scene, client, stores) })),
    { id: 'trust', look: async () => judgeTrust(await stores(), portico) },
    ...names.slice(0, MOST_NAMES).map((name) => ({
      id: `name:${name}`,
      look: async () => [judgeName({ host: name, lookup: await doctor.lookup(name), bound, portico })],
    })),
    { id: 'hosts-file', look: async () => judgeHosts(await doctor.hostsFile(), names, portico) },
    { id: 'search-domain', look: async () => judgeSearch(await doctor.searchDomains()) },
    { id: 'ca', look: () => lookAtCa(scene) },
    ...(view.status === null
      ? []
      : [{ id: 'certificate', look: async () => judgeCertificates(view.certificates, now, portico) }]),
    {
      id: 'file',
      look: async () =>
        judgeFiles(await doctor.privateFiles(dataDir), dataDir, await doctor.networkFileSystem(dataDir)),
    },
    { id: 'proxy', look: async () => judgeProxies(doctor.proxyVariables(), names) },
    { id: 'vpn', look: async () => judgeTunnels(await doctor.tunnels(), portico) },
    {
      id: 'container',
      look: async () => judgeContainers(await doctor.surroundings(), bound, targetOf(view)?.port),
    },
    ...(view.status === null
      ? []
      : [{ id: 'app', look: async () => judgeApps(view.processes, view.backends, portico) }]),
  ]
}

async function lookAtPort({ view, host, portico }: DoctorScene, protocol: 'https' | 'http'): Promise<DoctorCheck[]> {
  const wanted = view.config.listen[protocol]
  const listeners = (view.status?.listeners ?? []).filter((one) => one.protocol === protocol)
  if (view.status !== null && listeners.length === 0) return [] // told of as the gateway
  const open = listeners[0]?.publicPort ?? listeners[0]?.port ?? null
  const listens = listeners.some(({ port, publicPort }) => (publicPort ?? port) === wanted)
  if (wanted === 0) return []
  const state = listens ? 'taken' : await host.doctor.portState(view.config.listen.bind[0] ?? '127.0.0.1', wanted)
  const holder = state === 'taken' && !listens ? await host.portHolder(wanted) : null
  const permitCommand = host.permitLowPortsCommand === null ? null : `${portico} low-ports install`
  return [judgePort({ protocol, wanted, open: listens ? wanted : open, state, holder, permitCommand, portico })]
}

async function lookAtClient(
  { view, host, portico, dataDir }: DoctorScene,
  client: ClientId,
  stores: () => Promise<TrustStoreStatus[]>,
): Promise<DoctorCheck[]> {
  const target = targetOf(view)
  if (target === null) return []
  const result = await host.doctor.client(client, { ...target, caFile: null })
  const caFile = view.status?.caFile ?? caFileIn(dataDir)
  const tried = client === 'node' && result.state === 'refused'
  const withVariable = tried ? await host.doctor.client(client, { ...target, caFile }) : null
  const known = result.state === 'refused' ? await stores() : []
  return judgeClient({ client, url: target.url, result, withVariable, stores: known, portico })
}

async function lookAtCa({ view, dataDir, portico, now }: DoctorScene): Promise<DoctorCheck[]> {
  const pem = await readPem(view.status?.caFile ?? caFileIn(dataDir))
  if (pem === null) {
    return [
      fail(
        'ca',
        'There is no local CA yet.',
        fixBy('Makes it, and has this machine trust it.', `${portico} ca install`),
      ),
    ]
  }
  const certificate = parseCertificate(pem)
  if (certificate === null) {
    const file = caFileIn(dataDir)
    return [fail('ca', `${file} is not a certificate.`, fixBy(`Restore it, or move ${path.dirname(file)} away.`))]
  }
  const constraints = nameConstraintsOf(pem)
  const hosts = view.apps.filter(({ app }) => (app.certificate ?? 'local') === 'local').flatMap((app) => app.hosts)
  const outside = hosts
    .filter((name) => !permits(constraints, name))
    .map((name) => ({ host: name, domain: domainFor(name) }))
  return judgeCa({ ...validityOf(certificate), constraints, outside }, now, portico)
}

async function trustStores({ view, host, dataDir }: DoctorScene): Promise<TrustStoreStatus[]> {
  const certFile = view.status?.caFile ?? caFileIn(dataDir)
  const pem = await readPem(certFile)
  if (pem === null || host.trustStores === undefined) return []
  const former = await formerAuthorities(path.dirname(certFile)).catch(() => []) // they are a nicety of the fix
  return host.trustStores.status({ pem, certFile, former })
}

function boundOf({ status, config }: GatewayView): string[] {
  if (status === null) return config.listen.bind
  return [...new Set(status.listeners.map(({ address }) => address))]
}

function caFileIn(dataDir: string): string {
  return path.join(dataDir, 'ca', 'ca.pem')
}

async function readPem(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return null // told of as a CA that is not there
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let begun: Promise<T> | null = null
  return () => {
    begun ??= work()
    return begun
  }
}
