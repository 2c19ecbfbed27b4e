import type { Portal } from '../../src/shared/contract.js'
import type { ShareStatus, ShareTool, ShareWay } from '../../src/shared/share-schemas.js'
import type { TunnelProxy, TunnelStatus } from '../../src/shared/tunnel-schemas.js'

/** An engine whose shares are told by the test: services outside are none of its business. */
export interface PlayedShares {
  engine: Portal
  /** From now on there are ways to share, shares in each state, and services that users of a relay reach. */
  begin(): void
}

const RELAY = 'wss://relay.example.com'
const MINUTE = 60_000
const QUIET = { open: 0, total: 0, requests: 0, bytesIn: 0, bytesOut: 0, latencyMs: null }
const BUSY = { open: 2, total: 37, requests: 412, bytesIn: 81_400, bytesOut: 12_400_000, latencyMs: 24.3 }

/** Everything else is what the engine says. */
export function playShares(engine: Portal): PlayedShares {
  let [ways, shares, tunnels] = [waysAtFirst(), [] as ShareStatus[], [] as TunnelStatus[]]
  const listeners = { shares: new Set<(told: unknown) => void>(), tunnels: new Set<(told: unknown) => void>() }
  const answers: Record<string, () => unknown> = {
    'share.ways': () => ways,
    'share.list': () => shares,
    'tunnel.list': () => tunnels,
  }
  const call = async (name: string, params: never) => answers[name]?.() ?? (await engine.call(name as never, params))
  const on = (name: string, listener: never) => {
    if (name !== 'shares' && name !== 'tunnels') return engine.on(name as never, listener)
    listeners[name].add(listener)
    return () => listeners[name].delete(listener)
  }
  return {
    engine: { call, on } as Portal,
    begin: () => {
      ways = waysLater()
      shares = sharesOf(Date.now())
      tunnels = tunnelsOf(Date.now())
      for (const listener of listeners.shares) listener(shares)
      for (const listener of listeners.tunnels) listener(tunnels)
    },
  }
}

function waysAtFirst(): ShareWay[] {
  return [
    missing('cloudflared', 'Cloudflare Tunnel', 'Get it: https://developers.cloudflare.com/'),
    missing('ngrok', 'ngrok', 'Install ngrok: https://ngrok.com/download'),
    missing('tailscale', 'Tailscale Funnel', 'Install Tailscale: https://tailscale.com/download'),
  ]
}

function waysLater(): ShareWay[] {
  const obstacle = {
    message: 'ngrok has no account here.',
    hint: 'Sign up at https://dashboard.ngrok.com/signup, then: ngrok config add-authtoken TOKEN',
  }
  const [cloudflared, ngrok, tailscale] = waysAtFirst() as [ShareWay, ShareWay, ShareWay]
  return [
    { kind: 'relay', url: RELAY, customCa: false },
    { ...cloudflared, program: '/usr/bin/cloudflared', version: '2026.11.0', obstacle: null } as ShareWay,
    { ...ngrok, program: '/usr/bin/ngrok', version: '3.30.0', obstacle } as ShareWay,
    tailscale,
  ]
}

function missing(tool: ShareTool, title: string, hint: string): ShareWay {
  const obstacle = { message: `${title} is not installed.`, hint }
  return { kind: 'tool', tool, title, program: null, version: null, obstacle }
}

function sharesOf(now: number): ShareStatus[] {
  const at = (ms: number) => new Date(now + ms).toISOString()
  const relay = { kind: 'relay' as const, url: RELAY }
  const shop = {
    app: 'shop',
    via: relay,
    name: 'shop',
    url: 'https://shop.relay.example.com',
    reason: null,
    stats: BUSY,
  }
  const docs = { app: 'docs', via: { kind: 'tool' as const, tool: 'cloudflared' as const }, name: null, reason: null }
  return [
    { ...shop, id: 'a', state: 'open', startedAt: at(-18 * MINUTE), expiresAt: at(42 * MINUTE + 9_000), user: null },
    {
      ...docs,
      id: 'b',
      state: 'waiting',
      url: 'https://seasonal-deck-organisms-sf.trycloudflare.com',
      startedAt: at(-90 * MINUTE),
      expiresAt: null,
      user: 'guest',
      reason: { message: 'cloudflared has lost its connection.', hint: 'It tries again by itself.' },
      stats: { ...BUSY, open: 0, latencyMs: null },
    },
    {
      ...docs,
      app: 'api',
      id: 'c',
      state: 'starting',
      url: null,
      startedAt: at(-900),
      expiresAt: null,
      user: null,
      stats: QUIET,
    },
    {
      ...shop,
      id: 'd',
      state: 'ended',
      startedAt: at(-300 * MINUTE),
      expiresAt: at(-240 * MINUTE),
      user: 'guest',
      reason: { message: 'Its time is over.' },
    },
  ]
}

function tunnelsOf(now: number): TunnelStatus[] {
  const at = (ms: number) => new Date(now + ms).toISOString()
  const refused = { reason: 'it is no app of this machine, and not allowed', guarded: false }
  const guarded = { reason: "Portico's own ports have to be named as ADDRESS:PORT", guarded: true }
  const why = 'is not for this agent to connect to: it is no app of this machine, and not allowed'
  return [
    {
      relay: RELAY,
      agent: 'laptop',
      state: 'connected',
      reason: null,
      allow: ['db.lan:5432', '10.0.0.0/8:22'],
      latencyMs: 24.3,
      proxies: [
        proxy('a', 15_432, 'db.lan', 5_432, {
          open: 2,
          total: 14,
          bytesIn: 81_400,
          bytesOut: 12_400_000,
          connectMs: 1.2,
        }),
        proxy('b', 16_379, '127.0.0.1', 6_379, { allowed: false, refusal: refused, failed: 3 }),
        proxy('c', 18_443, '127.0.0.1', 443, { allowed: false, refusal: guarded }),
      ],
      refusals: [
        { target: '127.0.0.1:6379', reason: `127.0.0.1:6379 ${why}`, time: at(-MINUTE), count: 3 },
        { target: 'db.lan:5432', reason: 'db.lan:5432: ECONNREFUSED', time: at(-40 * MINUTE), count: 1 },
      ],
    },
  ]
}

function proxy(id: string, at: number, host: string, port: number, change: Partial<TunnelProxy>): TunnelProxy {
  const figures = { open: 0, total: 0, failed: 0, bytesIn: 0, bytesOut: 0, connectMs: null }
  return { id, address: `127.0.0.1:${at}`, host, port, allowed: true, refusal: null, ...figures, ...change }
}
