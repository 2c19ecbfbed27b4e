import { doctorProbes } from './doctor/doctor-probes.js'
import { elevationWay } from './elevation/elevate.js'
import { SystemKeeper } from './plan/system-keeper.js'
import type { Platform } from './platform.js'
import { portScanner } from './port-discovery/port-discovery.js'
import { describeHttpSys, KERNEL_PID } from './port-holder/http-sys.js'
import { describeHolder, findPortHolder, holderOf } from './port-holder/port-holder.js'
import { permitLowPortsCommand } from './privileged-ports/permit-command.js'
import { processSystem } from './process-table/process-system.js'
import { isOtherUsers, type LocalPeer } from './socket-user.js'
import { thisMachine } from './trust-store/this-machine.js'
import { TrustKeeper } from './trust-store/trust-keeper.js'

/** What the engine may ask of the machine it runs on: what stands in its way, what it could serve, what runs. */
export function hostFacts(platform: Platform) {
  const machine = thisMachine(platform)
  return {
    platform,
    portHolder: async (port: number): Promise<string | null> => {
      const holder = await findPortHolder(port, platform)
      if (platform === 'win32' && holder?.pid === KERNEL_PID) return describeHttpSys(port, machine.run)
      return holder === null ? null : describeHolder(holder)
    },
    holderOf: (port: number) => holderOf(port, platform),
    isOtherUsers: (peer: LocalPeer) => isOtherUsers(platform, peer),
    // macOS 10.14 and later ask for no rights where all addresses are listened on.
    lowPortsOnAllAddresses: platform === 'darwin',
    permitLowPortsCommand: permitLowPortsCommand(platform),
    portScanner: portScanner(platform),
    processSystem: processSystem(platform),
    doctor: doctorProbes(machine),
    systemSettings: new SystemKeeper(machine),
    trustStores: new TrustKeeper(machine, () => elevationWay(platform, machine.env, machine.run, true)),
  }
}
