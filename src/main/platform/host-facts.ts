import type { Platform } from './platform.js'
import { describeHolder, findPortHolder } from './port-holder/port-holder.js'
import { permitLowPortsCommand } from './privileged-ports/permit-command.js'

/** What the engine may ask of the machine it runs on, to say what stands in its way. */
export function hostFacts(platform: Platform) {
  return {
    portHolder: async (port: number): Promise<string | null> => {
      const holder = await findPortHolder(port, platform)
      return holder === null ? null : describeHolder(holder)
    },
    permitLowPortsCommand: permitLowPortsCommand(platform),
  }
}
