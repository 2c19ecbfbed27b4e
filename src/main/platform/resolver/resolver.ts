import type { Setting } from '../plan/setting.js'
import type { Machine } from '../trust-store/machine.js'
import { hostsFile } from './hosts-file.js'
import { networkManager } from './network-manager.js'
import { nrpt } from './nrpt.js'
import { resolverFiles } from './resolver-files.js'
import { systemdResolved } from './systemd-resolved.js'
import type { ResolverWish } from './wish.js'

/** The ways in which this machine can be made to find the hosts of the apps, the best first. */
export function resolverSettings(machine: Machine, wish: ResolverWish): Promise<Setting[]> {
  switch (machine.platform) {
    case 'darwin':
      return Promise.all([resolverFiles(machine, wish), hostsFile(machine, wish)])
    case 'win32':
      return Promise.all([nrpt(machine, wish), hostsFile(machine, wish)])
    default:
      return Promise.all([systemdResolved(machine, wish), networkManager(machine, wish), hostsFile(machine, wish)])
  }
}
