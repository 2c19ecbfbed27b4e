import { appHosts, type Config, panelHost } from '../../../shared/config.js'
import { isLoopbackHost } from '../../../shared/hostname.js'
import { type Machine, readText } from '../trust-store/machine.js'
import { namesInBlock } from './hosts-block.js'
import { hostsPath } from './hosts-file.js'
import { type LookUp, namesToList } from './names.js'
import type { ResolverWish } from './wish.js'

/** What the system's resolver shall know, so that its programs find what a config serves. */
export async function resolverWish(machine: Machine, config: Config, find: LookUp): Promise<ResolverWish> {
  const hosts = hostsOf(config)
  const listed = namesInBlock((await readText(machine, hostsPath(machine))) ?? '')
  return {
    hosts,
    dnsPort: config.dns.enabled ? config.dns.port : null,
    names: await namesToList(hosts, listed, find),
    addresses: loopbackOf(config.listen.bind),
  }
}

/** Every host of a config, that of the panel among them; wildcards included. */
export function hostsOf(config: Config): string[] {
  const panel = panelHost(config.panel)
  return [...new Set([...config.apps.flatMap(appHosts), ...(panel === null ? [] : [panel])])].sort()
}

/** Addresses of loopback that are listened on; both where that cannot be told. */
function loopbackOf(bind: readonly string[]): string[] {
  const found = bind.map((address) => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[address] ?? address)
  const loopback = [...new Set(found)].filter((address) => isLoopbackHost(address) && address !== 'localhost')
  return loopback.length > 0 ? loopback : ['127.0.0.1', '::1']
}
