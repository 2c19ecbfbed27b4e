import type { Tool } from './tool.js'

/** Cloudflare's quick tunnels: an address at random, without an account. */
export const cloudflared: Tool = {
  tool: 'cloudflared',
  title: 'Cloudflare Tunnel',
  install:
    'Install cloudflared: https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/',
  program: 'cloudflared',
  places: () => [],
  versionArgs: ['--version'],
  readVersion: (output) => /version (\d[\w.]*)/.exec(output)?.[1] ?? null,
  obstacle: async () => null,
  ways: 1,
  plan: (program, port) => ({
    program,
    args: ['tunnel', '--no-autoupdate', '--url', `http://127.0.0.1:${port}`],
    env: {},
  }),
  reader: () => (line) => {
    const url = /https:\/\/[\w-]+\.trycloudflare\.com/.exec(line)?.[0]
    return url === undefined || url.includes('//api.') ? null : { type: 'open', url }
  },
}
