import type { z } from 'zod'
import type { App } from '../../shared/config.js'
import type { AppStatus, COMMANDS, CommandName, CommandResult, Status } from '../../shared/contract.js'
import type { DoctorReport } from '../../shared/doctor-schemas.js'
import { Fault } from '../../shared/fault.js'
import type { BusyApp, History } from '../../shared/history-schemas.js'
import type { PhonesStatus } from '../../shared/phones-schemas.js'
import type {
  CertificateStatus,
  DiscoveredPort,
  OutputLine,
  PanelSession,
  ProcessStatus,
  Stats,
} from '../../shared/window-schemas.js'
import type { Caches } from './caches.js'
import type { ConfigStore } from './config/config-store.js'
import { noSuchApp, withApp, withAppEnabled, withAppUpdated, withoutApp } from './config/edit-apps.js'
import { withLan } from './config/edit-lan.js'
import { hashScrypt } from './gateway/policies/basic-auth/scrypt-hash.js'
import type { MachineChanges } from './machine-changes.js'
import type { LazyShares } from './open-shares.js'
import type { LazyTunnels } from './open-tunnels.js'
import { shareCommands } from './share-commands.js'
import type { TemporaryApps } from './temporary-apps.js'
import { caInfo } from './tls/ca-info.js'
import type { AuthorityInfo } from './tls/certificates.js'
import type { KeyVault } from './tls/key-vault.js'
import type { RotationChange } from './tls/rotation.js'
import type { Traffic } from './traffic/traffic.js'
import { tunnelCommands } from './tunnel-commands.js'
import type { Upstreams } from './upstreams/upstreams.js'

/** What the commands work on. */
export interface CommandHost {
  status(): Status
  store: ConfigStore
  traffic: Pick<Traffic, 'entries' | 'capture' | 'clear'>
  upstreams: Pick<Upstreams, 'list' | 'looked' | 'drain'>
  stats(): Stats
  caches: Pick<Caches, 'list' | 'purge'>
  history: {
    /** @param app null for all together */
    read(app: string | null): History
    busiest(limit: number): BusyApp[]
  }
  authority(): AuthorityInfo
  rotateAuthority(change: RotationChange): Promise<void>
  /** null where the engine was not told of any */
  keyVault: KeyVault | null
  /** @throws Fault when the key of the local CA cannot be moved */
  sealKey(sealed: boolean): Promise<void>
  machine: Pick<
    MachineChanges,
    'trustStatus' | 'trustPlan' | 'trustApply' | 'systemList' | 'systemPlan' | 'systemApply'
  >
  appStatus(app: App): AppStatus
  temporary: Pick<TemporaryApps, 'add'>
  processes: {
    start(app: string): Promise<ProcessStatus>
    stop(app: string): Promise<ProcessStatus>
    restart(app: string): Promise<ProcessStatus>
    list(): Promise<ProcessStatus[]>
    lines(app: string, which: { after?: number | undefined; limit?: number | undefined }): OutputLine[]
  }
  panel: { link(sameUser?: boolean): { url: string }; sessions(): PanelSession[]; revoke(id: string): Promise<void> }
  doctor(topics?: readonly string[]): Promise<DoctorReport>
  ports(): Promise<DiscoveredPort[]>
  certificates(): Promise<CertificateStatus[]>
  renewCertificate(name: string): Promise<CertificateStatus>
  phones: { open(): Promise<PhonesStatus>; close(): Promise<PhonesStatus>; status(): PhonesStatus }
  shares: Pick<LazyShares, 'ways' | 'list' | 'start' | 'stop' | 'saveRelay' | 'forgetRelay'>
  tunnels: Pick<LazyTunnels, 'list' | 'open' | 'end'>
  /** resolves when the config as it is now is applied */
  applied(): Promise<void>
  pause(): Promise<Status>
  resume(): Promise<Status>
  stop(): void
}

export type Executors = {
  [N in CommandName]: (params: z.output<(typeof COMMANDS)[N]['params']>) => CommandResult<N> | Promise<CommandResult<N>>
}

const DEFAULT_ENTRIES = 100
const DEFAULT_APPS = 10

/** Every command of the contract, on its already validated parameters. */
export function executors(host: CommandHost): Executors {
  const { store } = host
  return {
    status: () => host.status(),
    'app.list': () => store.current.apps.map((app) => host.appStatus(app)),
    'app.add': async ({ app, at, whilePid }) => {
      const add = async () => void (await store.edit((document) => withApp(document, app, at)))
      await (whilePid === undefined ? add() : host.temporary.add(app, whilePid, add))
      return host.appStatus(appNamed(store, app.name))
    },
    'app.update': async ({ name, app }) => {
      await store.edit((document) => withAppUpdated(document, name, app))
      return host.appStatus(appNamed(store, app.name))
    },
    'app.remove': async ({ name }) => {
      const removed = host.appStatus(appNamed(store, name))
      await store.edit((document) => withoutApp(document, name))
      return removed
    },
    'app.setEnabled': async ({ name, enabled }) => {
      await store.edit((document) => withAppEnabled(document, name, enabled))
      return host.appStatus(appNamed(store, name))
    },
    'exchanges.list': ({ app, limit = DEFAULT_ENTRIES }) =>
      host.traffic.entries.latest(limit, app === undefined ? undefined : (entry) => entry.app === app),
    'exchange.get': ({ id }) => host.traffic.capture.get(id),
    'exchanges.clear': () => {
      host.traffic.clear()
      return {}
    },
    stats: () => host.stats(),
    history: ({ app }) => host.history.read(app === undefined ? null : appNamed(store, app).name),
    'history.apps': ({ limit = DEFAULT_APPS }) => host.history.busiest(limit),
    'cache.list': ({ app }) => host.caches.list(app === undefined ? undefined : appNamed(store, app).name),
    'cache.purge': ({ app, ...which }) =>
      host.caches.purge({ ...which, ...(app === undefined ? {} : { app: appNamed(store, app).name }) }),
    'backends.list': () => {
      host.upstreams.looked()
      return host.upstreams.list()
    },
    'config.get': () => ({ file: store.file, document: structuredClone(store.document) }),
    'config.reload': async () => {
      const result = await store.reload()
      return result.ok ? { ok: true, problems: [] } : { ok: false, problems: result.problems }
    },
    'ca.info': () => caInfo(host, Date.now()),
    'ca.rotate': async ({ addDomains, removeDomains }) => {
      await host.rotateAuthority({ add: addDomains, remove: removeDomains })
      return caInfo(host, Date.now())
    },
    'ca.seal': async ({ sealed }) => {
      await host.sealKey(sealed)
      return caInfo(host, Date.now())
    },
    'trust.status': () => host.machine.trustStatus(),
    'trust.plan': (wish) => host.machine.trustPlan(wish),
    'trust.apply': (wish) => host.machine.trustApply(wish),
    'system.list': () => host.machine.systemList(),
    'system.plan': (wish) => host.machine.systemPlan(wish),
    'system.apply': (wish) => host.machine.systemApply(wish),
    'doctor.run': ({ topics }) => host.doctor(topics),
    'ports.list': () => host.ports(),
    'panel.open': ({ sameUser }) => {
      if (host.status().state === 'paused') throw turnedOff()
      return host.panel.link(sameUser)
    },
    'panel.sessions': () => host.panel.sessions(),
    'panel.revoke': async ({ id }) => {
      await host.panel.revoke(id)
      return {}
    },
    'phones.open': () => {
      if (host.status().state === 'paused') throw turnedOff()
      return host.phones.open()
    },
    'phones.close': () => host.phones.close(),
    'phones.status': () => host.phones.status(),
    ...shareCommands(host),
    ...tunnelCommands(host),
    'lan.set': async ({ enabled }) => {
      await store.edit((document) => withLan(document, enabled))
      await host.applied()
      return host.status()
    },
    'certificates.list': () => host.certificates(),
    'app.start': ({ name }) => host.processes.start(appNamed(store, name).name),
    'app.stop': ({ name }) => host.processes.stop(appNamed(store, name).name),
    'app.restart': ({ name }) => host.processes.restart(appNamed(store, name).name),
    'processes.list': () => host.processes.list(),
    'output.list': ({ app, ...which }) => host.processes.lines(appNamed(store, app).name, which),
    'backend.drain': ({ draining, ...place }) => {
      host.upstreams.drain(place, draining)
      return host.upstreams.list()
    },
    'gateway.pause': () => host.pause(),
    'gateway.resume': () => host.resume(),
    'password.hash': async ({ password }) => ({ hash: await hashScrypt(password.normalize('NFC')) }),
    'certificates.renew': ({ name }) => host.renewCertificate(name),
    stop: () => {
      setImmediate(() => host.stop())
      return {}
    },
  }
}

function appNamed(store: ConfigStore, name: string): App {
  const app = store.current.apps.find((one) => one.name === name)
  if (app !== undefined) return app
  throw noSuchApp(name)
}

function turnedOff(): Fault {
  return new Fault('conflict', 'Portico is turned off and listens nowhere.', 'Turn it on with: portico resume')
}
