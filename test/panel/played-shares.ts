import type { Portal } from '../../src/shared/contract.js'
import type { ShareStatus, ShareTool, ShareWay } from '../../src/shared/share-schemas.js'

/** An engine whose shares are told by the test: services outside are none of its business. */
export interface PlayedShares {
  engine: Portal
  /** From now on there are ways to share, and shares in each state. */
  begin(): void
}

const RELAY = 'wss://relay.example.com'
const MINUTE = 60_000
const QUIET = { open: 0, total: 0, requests: 0, bytesIn: 0, bytesOut: 0, latencyMs: null }
const BUSY = { open: 2, total: 37, requests: 412, bytesIn: 81_400, bytesOut: 12_400_000, latencyMs: 24.3 }

/** Everything else is what the engine says. */
export function playShares(engine: Portal): PlayedShares {
  let [ways, shares] = [waysAtFirst(), [] as ShareStatus[]]
  const listeners = new Set<(shares: ShareStatus[]) => void>()
  const answers: Record<string, () => unknown> = { 'share.ways': () => ways, 'share.list': () => shares }
  const call = async (name: string, params: never) => answers[name]?.() ?? (await engine.call(name as never, params))
  const on = (name: string, listener: never) => {
    if (name !== 'shares') return engine.on(name as never, listener)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
  return {
    engine: { call, on } as Portal,
    begin: () => {
      ways = waysLater()
      shares = sharesOf(Date.now())
      for (const listener of listeners) listener(shares)
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
  const shop = { app: 'shop', via: relay, url: 'https://shop.relay.example.com', reason: null, stats: BUSY }
  const docs = { app: 'docs', via: { kind: 'tool' as const, tool: 'cloudflared' as const }, reason: null }
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
