import { expect, test } from 'vitest'
import { bridgeAmong } from '../../../../src/main/platform/doctor/surroundings.js'
import { findTunnels } from '../../../../src/main/platform/doctor/tunnels.js'
import { readNetstatDefaults, readScutilNwi } from '../../../../src/main/platform/doctor/tunnels-darwin.js'
import { readIpRoutes, readProcRoutes } from '../../../../src/main/platform/doctor/tunnels-linux.js'
import { readWindowsTunnels } from '../../../../src/main/platform/doctor/tunnels-windows.js'
import { linksWithServers, readResolvectl } from '../../../../src/main/platform/resolver/resolvectl-status.js'
import { fakeMachine } from '../trust-store/support.js'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'
const ROUTES = `${HEAD}
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0
tun1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
`
const IP = `default dev wg0 table 51820 scope link
default via 192.0.2.1 dev eth0 proto dhcp metric 100
10.0.0.0/8 dev tun1 proto kernel scope link src 10.0.0.2
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
::/1 dev tun0 metric 1024 pref medium
`
const RESOLVED = `Global
         Protocols: +LLMNR -mDNS -DNSOverTLS DNSSEC=no/unsupported
  resolv.conf mode: stub
Current DNS Server: 127.0.0.1:5353
       DNS Servers: 127.0.0.1:5353

Link 2 (eth0)
    Current Scopes: DNS
Current DNS Server: 192.0.2.1
       DNS Servers: 192.0.2.1

Link 5 (wg0)
    Current Scopes: none

Link 7 (tailscale0)
    Current Scopes: DNS
       DNS Servers: 100.100.100.100
        DNS Domain: tail0.ts.net ~.
`

test('routes of Linux: the default route, and the two halves that OpenVPN takes', () => {
  expect(readProcRoutes(ROUTES)).toEqual(['eth0', 'tun0'])
  expect(readIpRoutes(IP)).toEqual(['wg0', 'eth0', 'tun0'])
  expect(linksWithServers(RESOLVED)).toEqual(['eth0', 'tailscale0'])
  expect(readResolvectl(RESOLVED).servers).toEqual(['127.0.0.1:5353'])
})

test('on Linux a tunnel is known by what it is, and told of when it has a say', async () => {
  const tools = { '/usr/bin/ip': '', '/usr/bin/resolvectl': '' }
  const links = {
    '/sys/class/net/eth0/type': '1\n',
    '/sys/class/net/wg0/uevent': 'DEVTYPE=wireguard\nINTERFACE=wg0\n',
    '/sys/class/net/tailscale0/tun_flags': '0x1001\n',
    '/sys/class/net/tun0/tun_flags': '0x1001\n',
    '/sys/class/net/tun1/tun_flags': '0x1001\n',
    '/sys/class/net/ppp0/type': '512\n',
  }
  const files = { ...tools, ...links, '/proc/net/route': ROUTES }
  const outputs = { 'ip -o route show table all': IP, 'resolvectl status': RESOLVED }
  const machine = await fakeMachine({ env: { PATH: '/usr/bin' }, files, outputs })
  expect(await findTunnels(machine)).toEqual([
    { name: 'tailscale0', defaultRoute: false, dns: true },
    { name: 'tun0', defaultRoute: true, dns: false },
    { name: 'wg0', defaultRoute: true, dns: false },
  ])
  const bare = await fakeMachine({ env: { PATH: '/usr/bin' }, files: { '/sys/class/net/eth0/type': '1\n' } })
  expect(await findTunnels(bare)).toEqual([])
  expect(bare.ran).toEqual([])
})

const NWI = `Network information

IPv4 network interface information
     utun4 : flags      : 0x5 (IPv4,DNS)
           address    : 10.8.0.6
           VPN server : 203.0.113.5
           reach      : 0x00000003 (Reachable,Transient Connection)
       en0 : flags      : 0x5 (IPv4,DNS)
           address    : 192.168.1.20
           reach      : 0x00000002 (Reachable)

   REACH : flags 0x00000003 (Reachable,Transient Connection)

IPv6 network interface information
       en0 : flags      : 0x6 (IPv6,DNS)
           address    : 2001:db8::20
           reach      : 0x00000002 (Reachable)
     utun5 : flags      : 0x2 (IPv6)
           address    : fd00::2
           reach      : 0x00000002 (Reachable)

   REACH : flags 0x00000002 (Reachable)

Network interfaces: utun4 en0 utun5
`
const NETSTAT = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
0/1                10.9.0.1           UGScg               utun6
default            192.168.1.1        UGScg                 en0
default            link#22            UCSIg               utun7
127.0.0.1          127.0.0.1          UH                    lo0
128.0/1            10.9.0.1           UGSc                utun6
`

test('on macOS the primary service has the default route, and VPNs that are no service have their routes', async () => {
  expect(readScutilNwi(NWI)).toEqual([
    { name: 'utun4', defaultRoute: true, dns: true },
    { name: 'utun5', defaultRoute: false, dns: false },
  ])
  expect(readNetstatDefaults(NETSTAT)).toEqual(['utun6'])
  const machine = await fakeMachine({ platform: 'darwin', outputs: { 'scutil --nwi': NWI, 'netstat -rn': NETSTAT } })
  expect(await findTunnels(machine)).toEqual([
    { name: 'utun4', defaultRoute: true, dns: true },
    { name: 'utun6', defaultRoute: true, dns: false },
  ])
})

test('on Windows its own VPNs and adapters of others, without virtual switches', async () => {
  const adapters = [
    { name: 'office', about: 'WireGuard Tunnel', route: true, servers: 1 },
    { name: 'vEthernet (WSL)', about: 'Hyper-V Virtual Ethernet Adapter', route: false, servers: 1 },
    { name: 'OpenVPN', about: 'TAP-Windows Adapter V9', route: false, servers: 0 },
  ]
  const output = JSON.stringify({ adapters, own: [{ name: 'Head office', split: true }] })
  expect(readWindowsTunnels(`${output}\r\n`)).toEqual([
    { name: 'Head office', defaultRoute: false, dns: true },
    { name: 'office', defaultRoute: true, dns: true },
    { name: 'OpenVPN', defaultRoute: false, dns: false },
  ])
  expect(readWindowsTunnels('')).toEqual([])
  const machine = await fakeMachine({ platform: 'win32', outputs: { 'Get-VpnConnection': output } })
  expect((await findTunnels(machine)).map(({ name }) => name)).toEqual(['Head office', 'office'])
})

test('the bridge of containers is this machine’s address of IPv4 on it', () => {
  const docker0 = [
    { address: 'fe80::1', family: 'IPv6' as const },
    { address: '172.17.0.1', family: 'IPv4' as const },
  ]
  expect(bridgeAmong({ docker0 })).toBe('172.17.0.1')
  expect(bridgeAmong({ eth0: docker0 })).toBeNull()
})
