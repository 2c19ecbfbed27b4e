import type { Setting } from '../plan/setting.js'
import type { Machine } from '../trust-store/machine.js'
import { capability } from './capability.js'
import { redirect } from './redirect.js'
import { redirectByIptables } from './redirect-iptables.js'
import { unprivilegedStart } from './unprivileged-start.js'

/** Where clients look, and where the gateway listens when it may not listen there. */
export interface LowPorts {
  https: { port: number; fallback: number }
  http: { port: number; fallback: number }
}

/**
 * The ways in which this machine can be made to let a person without root serve ports below 1024, the best first. None
 * on macOS and Windows, where nobody has to be asked.
 *
 * @param program absolute path of the program that listens
 */
export async function lowPortSettings(machine: Machine, ports: LowPorts, program: string): Promise<Setting[]> {
  if (machine.platform !== 'linux') return []
  return Promise.all([
    unprivilegedStart(machine, ports),
    redirect(machine, ports),
    redirectByIptables(machine, ports),
    capability(machine, program),
  ])
}

/** The ports that need permission; 0 is any free one, which needs none. */
export function privilegedOf({ https, http }: LowPorts): { port: number; fallback: number }[] {
  return [https, http].filter(({ port }) => port > 0 && port < 1024)
}

/** The first line of every file of the system that is Portico's as a whole. */
export const OWN_FILE = '# Made by Portico. "portico low-ports uninstall" takes it away.'
