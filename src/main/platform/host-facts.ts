import type { Platform } from './platform.js'
import { portScanner } from './port-discovery/port-discovery.js'
import { describeHolder, findPortHolder } from './port-holder/port-holder.js'
import { permitLowPortsCommand } from './privileged-ports/permit-command.js'

/** What the engine may ask of the machine it runs on: what stands in its way, and what it could serve. */
export function hostFacts(platform: Platform) {
  return {
    portHolder: async (port: number): Promise<string | null> => {
      const holder = await findPortHolder(port, platform)
      return holder === null ? null : describeHolder(holder)
    },
    permitLowPortsCommand: permitLowPortsCommand(platform),
    portScanner: portScanner(platform),
  }
}
