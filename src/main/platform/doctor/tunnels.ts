import type { TunnelFacts } from '../../../shared/doctor-facts.js'
import { linksWithServers } from '../resolver/resolvectl-status.js'
import { findProgram, type Machine, namesIn, readText } from '../trust-store/machine.js'
import { readNetstatDefaults, readScutilNwi } from './tunnels-darwin.js'
import { readIpRoutes, readProcRoutes } from './tunnels-linux.js'
import { readWindowsTunnels, WINDOWS_TUNNELS } from './tunnels-windows.js'

const LOOK_MS = 8_000

/** The tunnels of VPNs that are up and have a say: over what this machine sends, or over how names are found. */
export async function findTunnels(machine: Machine): Promise<TunnelFacts[]> {
  const found = await tunnelsOf(machine)
  return found.filter(({ defaultRoute, dns }) => defaultRoute || dns)
}

function tunnelsOf(machine: Machine): Promise<TunnelFacts[]> {
  if (machine.platform === 'darwin') return darwinTunnels(machine)
  if (machine.platform === 'win32') return windowsTunnels(machine)
  return linuxTunnels(machine)
}

async function linuxTunnels(machine: Machine): Promise<TunnelFacts[]> {
  const names = await namesIn(machine, '/sys/class/net')
  const tunnels = (await Promise.all(names.map(async (name) => ((await isTunnel(machine, name)) ? [name] : [])))).flat()
  if (tunnels.length === 0) return []
  // wg-quick keeps its default route in a table of its own, which only `ip` tells of.
  const [routes, tables, resolved] = await Promise.all([
    readText(machine, '/proc/net/route'),
    said(machine, 'ip', ['-o', 'route', 'show', 'table', 'all']),
    said(machine, 'resolvectl', ['status', '--no-pager']),
  ])
  const defaults = [...readProcRoutes(routes ?? ''), ...readIpRoutes(tables)]
  const servers = linksWithServers(resolved)
  return tunnels.map((name) => ({ name, defaultRoute: defaults.includes(name), dns: servers.includes(name) }))
}

/** TUN and TAP devices, WireGuard's, and PPP links (ARPHRD_PPP), whatever they are called. */
async function isTunnel(machine: Machine, name: string): Promise<boolean> {
  const folder = `/sys/class/net/${name}`
  const [flags, uevent, type] = await Promise.all(
    ['tun_flags', 'uevent', 'type'].map((file) => readText(machine, `${folder}/${file}`)),
  )
  return flags !== null || /^DEVTYPE=wireguard$/m.test(uevent ?? '') || type?.trim() === '512'
}

async function darwinTunnels(machine: Machine): Promise<TunnelFacts[]> {
  const [nwi, routes] = await Promise.all([
    machine.run('/usr/sbin/scutil', ['--nwi'], { timeoutMs: LOOK_MS }),
    machine.run('/usr/sbin/netstat', ['-rn', '-f', 'inet'], { timeoutMs: LOOK_MS }),
  ])
  const told = readScutilNwi(nwi.stdout)
  const defaults = readNetstatDefaults(routes.stdout)
  const names = [...new Set([...told.map(({ name }) => name), ...defaults])]
  return names.map((name) => {
    const one = told.find((service) => service.name === name)
    return { name, defaultRoute: one?.defaultRoute === true || defaults.includes(name), dns: one?.dns === true }
  })
}

async function windowsTunnels(machine: Machine): Promise<TunnelFacts[]> {
  const args = ['-NoProfile', '-NonInteractive', '-Command', WINDOWS_TUNNELS]
  return readWindowsTunnels((await machine.run('powershell.exe', args, { timeoutMs: LOOK_MS })).stdout)
}

async function said(machine: Machine, program: string, args: string[]): Promise<string> {
  const file = await findProgram(machine, program)
  if (file === null) return ''
  const { exitCode, stdout } = await machine.run(file, args, { timeoutMs: LOOK_MS })
  return exitCode === 0 ? stdout : ''
}
