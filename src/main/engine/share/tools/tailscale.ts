import path from 'node:path'
import { funnelObstacle } from './funnel-obstacle.js'
import { programFiles, usualPlaces } from './places.js'
import { ReadFunnel } from './read-funnel.js'
import type { Tool, ToolMachine } from './tool.js'

/** Ports on which Funnel listens: https://tailscale.com/kb/1223/funnel#requirements-and-limitations */
const PORTS = [443, 8443, 10_000]

/** On macOS the program is a window unless it is told: https://tailscale.com/docs/reference/tailscale-cli?tab=macos */
const AS_COMMAND = { TAILSCALE_BE_CLI: '1' }

/**
 * Tailscale Funnel: this machine's name in its tailnet, for everybody. In the foreground, so that it is over when the
 * program ends, however it ends: https://tailscale.com/kb/1311/tailscale-funnel
 */
export const tailscale: Tool = {
  tool: 'tailscale',
  title: 'Tailscale Funnel',
  install: 'Install Tailscale: https://tailscale.com/download',
  program: 'tailscale',
  places: tailscalePlaces,
  versionArgs: ['version'],
  env: AS_COMMAND,
  readVersion: (output) => /^\s*(\d+\.[\w.-]+)/m.exec(output)?.[1] ?? null,
  obstacle: (machine, program, version) => funnelObstacle(machine, program, version, AS_COMMAND),
  ways: PORTS.length,
  plan: (program, port, way) => ({
    program,
    args: ['funnel', '--yes', `--https=${PORTS[way]}`, `http://127.0.0.1:${port}`],
    env: AS_COMMAND,
  }),
  reader: (way) => {
    const output = new ReadFunnel(PORTS[way] ?? 443, way === PORTS.length - 1)
    return (line) => output.read(line)
  },
}

function tailscalePlaces(machine: Pick<ToolMachine, 'platform' | 'env' | 'home'>): string[] {
  const usual = usualPlaces('tailscale', machine)
  if (machine.platform === 'darwin') {
    const app = 'Applications/Tailscale.app/Contents/MacOS/Tailscale'
    return [...usual, `/${app}`, path.posix.join(machine.home, app)]
  }
  if (machine.platform !== 'win32') return usual
  return [...programFiles(machine.env).map((folder) => path.win32.join(folder, 'Tailscale', 'tailscale.exe')), ...usual]
}
