import type { DoctorProbes } from '../../../shared/doctor-facts.js'
import { portScanner } from '../port-discovery/port-discovery.js'
import { readHostsLines } from '../resolver/hosts-block.js'
import { hostsPath } from '../resolver/hosts-file.js'
import { type Machine, readText } from '../trust-store/machine.js'
import { askClient } from './ask-client.js'
import { lookUp } from './look-up.js'
import { tryPort } from './port-state.js'
import { findNetworkFileSystem, findPrivateFiles } from './private-files.js'
import { readResolvConf } from './resolv-conf.js'
import { findOtherEngines, findSurroundings } from './surroundings.js'
import { findTunnels } from './tunnels.js'

/** What the doctor looks at a machine with. */
export function doctorProbes(machine: Machine): DoctorProbes {
  const windows = machine.platform === 'win32'
  return {
    client: (id, target) => askClient(machine, id, target),
    lookup: lookUp,
    hostsFile: async () => {
      const file = hostsPath(machine)
      const text = await readText(machine, file)
      return text === null ? null : { file, lines: readHostsLines(text) }
    },
    searchDomains: async () => {
      const text = windows ? null : await readText(machine, '/etc/resolv.conf')
      return text === null ? null : readResolvConf(text)
    },
    portState: tryPort,
    privateFiles: async (dataDir) => (windows ? [] : findPrivateFiles(dataDir)),
    networkFileSystem: async (folder) => (machine.platform === 'linux' ? findNetworkFileSystem(folder) : null),
    proxyVariables: () => proxyVariables(machine.env),
    surroundings: () => findSurroundings(machine),
    tunnels: () => findTunnels(machine),
    otherEngines: (own) => findOtherEngines(portScanner(machine.platform), own),
  }
}

function proxyVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const named = Object.entries(env).filter(([name, value]) => /^(https?|all|no)_proxy$/i.test(name) && value)
  // Some have a password in them.
  return Object.fromEntries(named.map(([name, value = '']) => [name, /^no_/i.test(name) ? value : 'set']))
}
