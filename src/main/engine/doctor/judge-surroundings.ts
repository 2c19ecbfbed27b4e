import type { OtherEngine, Surroundings } from '../../../shared/doctor-facts.js'
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

/** How containers and the other side of WSL reach the gateway. @param bound addresses that it listens on */
export function judgeContainers(
  { container, wsl, containerTool, dockerHost }: Surroundings,
  bound: readonly string[],
): DoctorCheck[] {
  const id = 'container'
  const loopback = bound.length > 0 && bound.every((address) => address === '::1' || address.startsWith('127.'))
  const checks: DoctorCheck[] = []
  if (container && loopback) {
    const text = 'Start it with --bind 0.0.0.0 and publish its ports, as: docker run -p 443:443'
    checks.push(warn(id, 'This is a container, and only programs in it reach the gateway.', fixBy(text)))
  } else if (containerTool !== null && loopback) {
    const where = dockerHost === null ? '' : ` (host.docker.internal is ${dockerHost})`
    checks.push(
      pass(
        id,
        `The gateway is on loopback, out of reach for containers${where}. For them: portico serve --bind 127.0.0.1 --bind ADDRESS-OF-THE-BRIDGE, and ${containerTool} run --add-host shop.localhost:host-gateway.`,
      ),
    )
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
