import type { TunnelFacts } from '../../../shared/doctor-facts.js'

const TUNNEL = /^(utun|ppp|ipsec|tun|tap|wg)\d+$/

/**
 * Tunnels in what `scutil --nwi` prints. The first interface of a family is the primary one: it has the default route,
 * and its name servers are asked.
 */
export function readScutilNwi(output: string): TunnelFacts[] {
  const found = new Map<string, TunnelFacts>()
  for (const section of output.split(/^(?=IPv\d network interface information)/m)) {
    const services = [...section.matchAll(/^\s+(\S+) : flags\s+: 0x[0-9a-f]+ \(([^)]*)\)/gim)]
    for (const [index, [, name = '', flags = '']] of services.entries()) {
      if (!TUNNEL.test(name)) continue
      const before = found.get(name)
      found.set(name, {
        name,
        defaultRoute: index === 0 || before?.defaultRoute === true,
        dns: flags.split(',').includes('DNS') || before?.dns === true,
      })
    }
  }
  return [...found.values()]
}

/**
 * Tunnels with a default route in what `netstat -rn -f inet` prints, for VPNs that are no service of the system. A route
 * with flag `I` holds only for programs that have bound themselves to the interface.
 */
export function readNetstatDefaults(output: string): string[] {
  const found = output.split('\n').flatMap((line) => {
    const [destination, , flags = '', name = ''] = line.trim().split(/\s+/)
    const all = destination === 'default' || destination === '0/1' || destination === '128.0/1'
    return all && TUNNEL.test(name) && !flags.includes('I') ? [name] : []
  })
  return [...new Set(found)]
}
