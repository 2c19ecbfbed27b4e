import type { OtherEngine, Surroundings, TunnelFacts } from '../../../shared/doctor-facts.js'
import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { fixBy, pass, warn } from './check.js'

const EXCEPTIONS = 'localhost,.localhost,127.0.0.1,::1'

/** A proxy for everything gets the requests for local names as well, and does not find them. */
export function judgeProxies(variables: Readonly<Record<string, string>>, hosts: readonly string[]): DoctorCheck[] {
  const id = 'proxy'
  const named = Object.entries(variables).filter(([name, value]) => !/^no_proxy$/i.test(name) && value !== '')
  if (named.length === 0) return [pass(id, 'No variable sends requests through a proxy.')]
  const excepted = variables.NO_PROXY ?? variables.no_proxy ?? ''
  const through = hosts.filter((host) => !isExcepted(host, excepted))
  const names = named.map(([name]) => name).join(', ')
  if (through.length === 0) return [pass(id, `${names}: NO_PROXY keeps local names out of it.`)]
  const value = excepted === '' ? EXCEPTIONS : `${excepted},${EXCEPTIONS}`
  return [
    warn(
      id,
      `${names} sends requests for ${through.slice(0, 3).join(', ')}${through.length > 3 ? ' and others' : ''} through a proxy, which does not find them.`,
      fixBy('Keeps local names out of the proxy, in this shell.', `export NO_PROXY='${value.replaceAll("'", '')}'`),
    ),
  ]
}

/** As most clients read NO_PROXY: names, and suffixes with or without a dot before them. */
function isExcepted(host: string, list: string): boolean {
  return list
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\.?/, ''),
    )
    .some(
      (entry, index) =>
        list.split(',')[index]?.trim() === '*' || (entry !== '' && (host === entry || host.endsWith(`.${entry}`))),
    )
}

/** A VPN has a say over names that this machine does not find by itself, and over who on the network gets here. */
export function judgeTunnels(tunnels: readonly TunnelFacts[], portico: string): DoctorCheck[] {
  return tunnels.map(({ name, defaultRoute, dns }) => {
    const does = [
      ...(defaultRoute ? ['carries what this machine sends, so that phones on the network may not reach it'] : []),
      ...(dns ? ['brings name servers, which may be asked for names that do not end in .localhost'] : []),
    ]
    const text = 'Where a name fails while it is up, have it in the hosts file, which goes before name servers.'
    return warn(
      `vpn:${name}`,
      `A VPN is up: ${name} ${does.join(', and ')}.`,
      fixBy(text, `${portico} dns install --via hosts`, {
        ...{ kind: 'system', group: 'names', action: 'install', setting: 'hosts' },
      }),
    )
  })
}

/**
 * How containers and the other side of WSL reach the gateway.
 *
 * @param bound addresses that it listens on
 * @param port of HTTPS
 */
export function judgeContainers(
  { container, wsl, containerTool, dockerHost, bridge }: Surroundings,
  bound: readonly string[],
  port = 443,
): DoctorCheck[] {
  const id = 'container'
  const loopback = bound.length > 0 && bound.every((address) => address === '::1' || address.startsWith('127.'))
  const checks: DoctorCheck[] = []
  if (container && loopback) {
    const text = `Start it with --bind 0.0.0.0 and publish its port, as: docker run -p ${port}:${port}`
    checks.push(warn(id, 'This is a container, and only programs in it reach the gateway.', fixBy(text)))
  } else if (containerTool !== null && loopback) {
    const call = `${containerTool} run --add-host shop.test:host-gateway`
    const there = '(A name below .localhost is the container itself to most programs in it; give the app another host.)'
    // Docker Desktop takes what is for host.docker.internal to the loopback of the machine.
    const desktop = dockerHost !== null && bridge === null
    const message = desktop
      ? `Containers reach the gateway at host.docker.internal, and by the name of an app with: ${call}. ${there}`
      : `Containers do not reach the gateway, which is on loopback. If they shall: portico serve --bind 127.0.0.1 --bind ::1 --bind ${bridge ?? 'ADDRESS-OF-THE-BRIDGE'}, and ${call}. ${there}`
    checks.push(pass(id, message))
  }
  if (wsl) {
    const text =
      'Browsers of Windows reach it by localhost, and need the CA in Windows: see the trust store of Windows.'
    checks.push(pass('container:wsl', `This is WSL. ${text}`))
  }
  return checks
}

/** Several gateways get in each other's way. */
export function judgeEngines(others: readonly OtherEngine[]): DoctorCheck[] {
  return others.map(({ pid, command, ports }) =>
    warn(
      `engine:other-${pid}`,
      `Another Portico runs (PID ${pid}, ${command}) and has port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}.`,
      fixBy('Stop it, unless it is meant: with its own data directory it is out of reach of this one.', `kill ${pid}`),
    ),
  )
}
