import type { AppStatus } from '../../../shared/contract.js'
import { formatAuthority } from '../../../shared/hostname.js'
import { ownPlaces } from '../../../shared/own-places.js'
import type { ShareWay } from '../../../shared/share-schemas.js'
import type { TunnelRefusal, TunnelStatus } from '../../../shared/tunnel-schemas.js'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import type { Shape, Tone } from '../../components/mark.js'
import { strings } from '../../strings.js'

const text = strings.services

/** The state of a tunnel as shape, colour and word. */
export function tunnelLook({ state }: Pick<TunnelStatus, 'state'>): { shape: Shape; tone: Tone; word: string } {
  return { ...LOOKS[state], word: text.states[state] }
}

const LOOKS: Record<TunnelStatus['state'], { shape: Shape; tone: Tone }> = {
  connecting: { shape: 'half', tone: 'warn' },
  connected: { shape: 'disc', tone: 'good' },
  waiting: { shape: 'triangle', tone: 'warn' },
  ended: { shape: 'ring', tone: 'faint' },
}

/** Those whose users reach something here, or may soon. */
export function liveTunnels<T extends Pick<TunnelStatus, 'state'>>(tunnels: readonly T[]): T[] {
  return tunnels.filter(({ state }) => state !== 'ended')
}

/** What a person calls a relay: its host. @param url as it is saved */
export function relayHost(url: string): string {
  return URL.parse(url)?.host ?? url
}

/** A relay whose users can be let to services, or are. */
export interface ServedRelay {
  url: string
  /** null while its users reach nothing */
  tunnel: TunnelStatus | null
  /** one that was forgotten meanwhile can be disconnected, and not connected again */
  saved: boolean
}

/** The saved relays in their order, then those that are only connected. */
export function servedRelays(ways: readonly ShareWay[], tunnels: readonly TunnelStatus[]): ServedRelay[] {
  const saved = ways.flatMap((way) => (way.kind === 'relay' ? [way.url] : []))
  const urls = [...new Set([...saved, ...tunnels.map(({ relay }) => relay)])]
  return urls.map((url) => ({
    url,
    tunnel: tunnels.find(({ relay }) => relay === url) ?? null,
    saved: saved.includes(url),
  }))
}

/** The apps that users reach without a word, each with where it listens. */
export function ownTargets(
  apps: readonly AppStatus[],
  processes: readonly Pick<ProcessStatus, 'app' | 'port'>[],
): { app: string; ports: readonly number[] }[] {
  return apps
    .map((app) => ({ app: app.name, ports: ownPlaces([app], processes, []).ownPorts }))
    .filter(({ ports }) => ports.length > 0)
}

export function targetOf({ host, port }: { host: string; port: number }): string {
  return formatAuthority(host, port)
}

/** Why a target was not reached, without its name and in words. */
export function refusalReason({ target, reason }: Pick<TunnelRefusal, 'target' | 'reason'>): string {
  const bare = reason.startsWith(target) ? reason.slice(target.length) : reason
  const why = bare.replace(/^(?: is not for this agent to connect to)?:? */, '')
  return text.codes[why] ?? why
}

/** The first letter as a sentence has it. */
export function capitalised(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1)
}
