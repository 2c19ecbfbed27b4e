import { devNull } from 'node:os'
import { usualPlaces } from './places.js'
import { ReadCloudflared } from './read-cloudflared.js'
import type { Tool } from './tool.js'

/**
 * Cloudflare's quick tunnels: an address at random, without an account.
 * https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/do-more-with-tunnels/trycloudflare/
 */
export const cloudflared: Tool = {
  tool: 'cloudflared',
  title: 'Cloudflare Tunnel',
  install:
    'Install cloudflared: https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/downloads/',
  program: 'cloudflared',
  places: (machine) => usualPlaces('cloudflared', machine),
  versionArgs: ['--version'],
  readVersion: (output) => /\bversion (\d[\w.-]*)/.exec(output)?.[1] ?? null,
  obstacle: async () => null,
  ways: 1,
  plan: (program, port) => ({
    program,
    args: ['tunnel', ...FLAGS, '--url', `http://127.0.0.1:${port}`],
    env: {},
    // What flags may be set by, a name or another origin among it; what tells the way out of this network is kept.
    withoutEnv: /^TUNNEL_(?!EDGE_|REGION$|POST_QUANTUM$)/i,
  }),
  reader: () => {
    const output = new ReadCloudflared()
    return (line) => output.read(line)
  },
}

/** https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/configure-tunnels/run-parameters/ */
const FLAGS = [
  // The person's config.yml is of other tunnels: its ingress rules would answer for this one, most with 404, and with a
  // `tunnel` in it none is made. An empty file takes its place: https://github.com/cloudflare/cloudflared/issues/785
  ...['--config', devNull],
  '--no-autoupdate',
  ...['--metrics', '127.0.0.1:0'],
  // Else quick tunnels have QUIC alone, and none is open where UDP is not: https://github.com/cloudflare/cloudflared/issues/1609
  ...['--protocol', 'auto'],
  ...['--loglevel', 'info'],
  // How long requests under way keep it from ending.
  ...['--grace-period', '2s'],
]
