import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import type { OtherEngine, Surroundings } from '../../../shared/doctor-facts.js'
import type { PortScanner } from '../port-discovery/port-discovery.js'
import { exists, findProgram, type Machine, readText } from '../trust-store/machine.js'
import { lookUp } from './look-up.js'

/** Whether this is a container or WSL, and whether containers are used here. */
export async function findSurroundings(machine: Machine): Promise<Surroundings> {
  const marks = await Promise.all(['/.dockerenv', '/run/.containerenv'].map((file) => exists(machine, file)))
  const container = marks.includes(true)
  const wsl = machine.platform === 'linux' && /microsoft/i.test((await readText(machine, '/proc/version')) ?? '')
  const program = await findProgram(
    machine,
    ...['docker', 'podman'].map((name) => (machine.platform === 'win32' ? `${name}.exe` : name)),
  )
  const containerTool = program === null ? null : /podman/.test(program) ? 'podman' : 'docker'
  const dockerHost =
    container || containerTool !== null ? ((await lookUp('host.docker.internal')).addresses[0] ?? null) : null
  return { container, wsl, containerTool, dockerHost, bridge: bridgeAmong(networkInterfaces()) }
}

/** Docker's and Podman's usual bridges on Linux; elsewhere containers run in a virtual machine, and there is none. */
export function bridgeAmong(
  interfaces: NodeJS.Dict<Pick<NetworkInterfaceInfo, 'address' | 'family'>[]>,
): string | null {
  const named = ['docker0', 'podman0', 'cni-podman0'].flatMap((name) => interfaces[name] ?? [])
  return named.find(({ family }) => family === 'IPv4')?.address ?? null
}

/** Gateways other than these. */
export async function findOtherEngines(scanner: PortScanner, own: readonly number[]): Promise<OtherEngine[]> {
  const engines = new Map<number, OtherEngine>()
  for (const { port, process } of await scanner.scan()) {
    if (process === null || own.includes(process.pid) || !isEngine(process.commandLine ?? process.command)) continue
    const engine = engines.get(process.pid) ?? { pid: process.pid, command: process.command, ports: [] }
    if (!engine.ports.includes(port)) engine.ports.push(port)
    engines.set(process.pid, engine)
  }
  return [...engines.values()]
}

/** As `portico serve`, `node …/out/main/cli.js serve`, and the desktop app's process. */
export function isEngine(commandLine: string): boolean {
  return /(^|[/\\])portico(\.exe|\.js)?["']?\s+(?:.*\s)?serve\b|main[/\\]cli\.js["']?\s+(?:.*\s)?serve\b|main[/\\]engine-process\.js/.test(
    commandLine,
  )
}
