import type { Tool } from './tool.js'

/** Ports that Funnel may listen on: https://tailscale.com/kb/1223/funnel#requirements-and-limitations */
const PORTS = [443, 8443, 10_000]

export const tailscale: Tool = {
  tool: 'tailscale',
  title: 'Tailscale Funnel',
  install: 'Install Tailscale: https://tailscale.com/download',
  program: 'tailscale',
  places: () => [],
  versionArgs: ['version'],
  readVersion: (output) => /^(\d[\w.]*)/m.exec(output)?.[1] ?? null,
  obstacle: async () => null,
  ways: PORTS.length,
  plan: (program, port, way) => ({
    program,
    args: ['funnel', `--https=${PORTS[way]}`, `http://127.0.0.1:${port}`],
    env: {},
  }),
  reader: () => (line) => {
    const url = /^https:\/\/\S+\.ts\.net(:\d+)?/.exec(line)?.[0]
    return url === undefined ? null : { type: 'open', url }
  },
}
