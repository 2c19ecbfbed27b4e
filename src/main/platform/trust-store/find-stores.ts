import { javaStore } from './java.js'
import { javaPlaces } from './java-places.js'
import { linuxFamily, linuxSystemStore } from './linux-system.js'
import type { LookMemory } from './look-memory.js'
import type { Machine } from './machine.js'
import { keychainStores } from './macos.js'
import { nssStore } from './nss.js'
import { nssPlaces } from './nss-places.js'
import type { TrustStore } from './trust-store.js'
import { windowsStores, wslStores } from './windows.js'

/**
 * Every trust store of this machine and person: the system's, then the browsers', then Java's.
 *
 * @param memory of what was found in them before; none unless told
 */
export async function findStores(machine: Machine, memory?: LookMemory): Promise<TrustStore[]> {
  const [system, places, java] = await Promise.all([systemStores(machine), nssPlaces(machine), javaPlaces(machine)])
  const nssTools = await nssToolsOf(machine)
  return [
    ...system,
    ...places.map((place) => nssStore(machine, place, nssTools)),
    ...java.map((place) => javaStore(machine, place, memory)),
  ]
}

async function systemStores(machine: Machine): Promise<TrustStore[]> {
  if (machine.platform === 'darwin') return keychainStores(machine)
  if (machine.platform === 'win32') return windowsStores(machine)
  return [await linuxSystemStore(machine), ...(await wslStores(machine))]
}

async function nssToolsOf(machine: Machine): Promise<string> {
  if (machine.platform === 'darwin') return 'brew install nss'
  return (await linuxFamily(machine))?.nssTools ?? 'install the tools of NSS'
}
