import type { TunnelFacts } from '../../../shared/doctor-facts.js'
import { windowsTunnelsSchema } from '../../../shared/windows-tunnels-schema.js'

/**
 * Adapters that are up and no hardware, with their default routes and name servers, and connected VPNs of Windows' own.
 * An adapter of Hyper-V or WSL is no hardware either: it has neither.
 */
export const WINDOWS_TUNNELS = `$ErrorActionPreference = 'SilentlyContinue'
$routes = @(Get-NetRoute -DestinationPrefix '0.0.0.0/0','0.0.0.0/1').ifIndex
$adapters = @(Get-NetAdapter -IncludeHidden:$false | Where-Object { $_.Status -eq 'Up' -and -not $_.HardwareInterface } | ForEach-Object {
  [pscustomobject]@{ name = $_.Name; about = $_.InterfaceDescription; route = $routes -contains $_.ifIndex
    servers = @((Get-DnsClientServerAddress -InterfaceIndex $_.ifIndex -AddressFamily IPv4).ServerAddresses).Count } })
$own = @(Get-VpnConnection | Where-Object ConnectionStatus -eq 'Connected' | ForEach-Object {
  [pscustomobject]@{ name = $_.Name; split = [bool]$_.SplitTunneling } })
[pscustomobject]@{ adapters = $adapters; own = $own } | ConvertTo-Json -Depth 3 -Compress`

/** Virtual switches have the default route where a machine's own network goes through Hyper-V. */
const NO_TUNNEL = /Hyper-V|vEthernet|VirtualBox|VMware|Bluetooth|Loopback/i

/** @param output of WINDOWS_TUNNELS */
export function readWindowsTunnels(output: string): TunnelFacts[] {
  const parsed = windowsTunnelsSchema.safeParse(parsedJson(output))
  if (!parsed.success) return []
  const { adapters, own } = parsed.data
  const found = [
    ...own.map(({ name, split }) => ({ name, defaultRoute: !split, dns: true })),
    ...adapters
      .filter(({ name, about }) => !NO_TUNNEL.test(`${name} ${about}`))
      .map(({ name, route, servers }) => ({ name, defaultRoute: route, dns: servers > 0 })),
  ]
  return found.filter(({ name }, index) => found.findIndex((one) => one.name === name) === index)
}

function parsedJson(output: string): unknown {
  try {
    return JSON.parse(output)
  } catch {
    return null
  }
}
