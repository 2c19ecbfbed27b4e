import type { Writable } from 'node:stream'
import type { Logger } from 'pino'
import type { DoctorProbes } from '../../shared/doctor-facts.js'
import type { Platform } from '../platform/platform.js'
import type { PortScanner } from './discovery/port-scanner.js'
import type { NetworkAddress } from './network-addresses.js'
import type { ProcessSystem } from './supervisor/process-system.js'
import type { SystemSettings } from './system-settings.js'
import type { KeyVault } from './tls/key-vault.js'
import type { TrustStores } from './trust-stores.js'

export interface EngineOptions {
  /** absolute; holds the CA, certificates and the control socket */
  dataDir: string
  /** absolute */
  configFile: string
  /** what the command line says, over what the config says */
  overrides?: ListenOverrides
  version: string
  /** absolute; where the window was built to, for the panel. Without it the panel says that there is none */
  rendererDir?: string
  log: Logger
  host?: HostFacts
  /** where an access log to "stdout" goes; this process's own unless told */
  stdout?: Writable
  /** where other machines reach this one, for LAN mode and the phones' page; found out unless told */
  networkAddresses?: () => NetworkAddress[]
  /** the longest that exchanges in progress are waited for, in milliseconds: 9 s unless told */
  drainMs?: number
}

export interface ListenOverrides {
  bind?: string[]
  /** 0 = any free port */
  https?: number
  http?: number
}

/** What only the platform knows: used to word refusals, to find apps, and to look after processes. */
export interface HostFacts {
  /** the system; left out, no programs are looked for on it */
  platform?: Platform
  /** who listens on a TCP port, as `nginx (pid 812)`; null when that cannot be found out */
  portHolder(port: number): Promise<string | null>
  /** who listens on a TCP port: null when nobody is seen to, null in both fields when this user may not know who it is */
  holderOf(port: number): Promise<PortHolder | null>
  /** whether the program at the other side of a connection from this machine is another user's; false when unknown */
  isOtherUsers?(peer: { address: string; port: number }): Promise<boolean>
  /** the exact command that would permit low ports without root; null when there is none */
  permitLowPortsCommand: string | null
  /** low ports are forbidden on single addresses, and on all of them together are not */
  lowPortsOnAllAddresses?: boolean
  /** who listens on this machine */
  portScanner: PortScanner
  /** the processes of this machine, and how to end them */
  processSystem: ProcessSystem
  /** what the processes of apps inherit; that of this process without */
  environment?: () => Promise<Readonly<Record<string, string | undefined>>>
  /** who is trusted on this machine; left out, nobody may change it through this engine */
  trustStores?: TrustStores
  /** how this machine finds the hosts and permits low ports; left out, nobody may change it through this engine */
  systemSettings?: SystemSettings
  /** where the key of the local CA may be kept; left out, it is a file */
  keyVault?: KeyVault
  /** how the doctor looks at this machine; left out, there is none in this engine */
  doctor?: DoctorProbes
}

export interface PortHolder {
  pid: number | null
  /** with its arguments, as `node server.js`; only the program where those are not to be had */
  command: string | null
}
