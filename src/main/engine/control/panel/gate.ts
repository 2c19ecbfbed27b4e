import ipaddr from 'ipaddr.js'
import { formatAuthority, parseAuthority } from '../../../../shared/hostname.js'

/** What is known of a request for the panel before anything is done for it. */
export interface PanelRequest {
  method: string
  /** without query, still encoded */
  path: string
  webSocket: boolean
  /** peer's address */
  client: string
  /** the ClientHello's server name; null without */
  sni: string | null
  /** host and port as the client wrote them */
  authority: string
  /** port that the client connected to */
  port: number
  /** every Origin field */
  origins: readonly string[]
  /** Fetch Metadata; undefined where the client sends none */
  site: string | undefined
  mode: string | undefined
  dest: string | undefined
  purpose: string | undefined
  /** the request carries the cookie of a session */
  session: boolean
  /** there are metrics, and the request may carry their token; left out while they are off */
  metrics?: 'on' | 'token'
}

/** The panel's host, and whether others than this machine may come to it. */
export interface PanelAccess {
  host: string
  lan: boolean
}

export type PanelVerdict =
  | { kind: 'refuse'; status: 403 | 404 | 405 | 421 | 426; message: string }
  /** nobody is logged in; `foreign`: the browser may have left its cookie out, because another site led here */
  | { kind: 'no-session'; foreign: boolean }
  | { kind: 'login' }
  | { kind: 'socket' }
  | { kind: 'metrics' }
  | { kind: 'file' }

export const LOGIN_PATH = '/login'
export const API_PATH = '/api'
export const METRICS_PATH = '/metrics'

/**
 * Who may have what of the panel. The peer comes first, then the name it used (DNS rebinding), then who made the browser
 * ask (CSRF), and the session last, so that nothing before a session depends on what the panel holds.
 */
export function judgeRequest(request: PanelRequest, access: PanelAccess): PanelVerdict {
  const { method, path, session } = request
  if (!access.lan && !isLoopbackAddress(request.client)) return refuse(403, LOOPBACK_ONLY)
  if (!isOwnName(request, access.host)) return refuse(421, 'This is not the address of the panel.')
  const foreign = request.site !== undefined && request.site !== 'same-origin' && request.site !== 'none'
  const navigation = request.mode === 'navigate' && request.dest === 'document'
  if (request.webSocket) return judgeSocket(request, access.host, foreign)
  const read = method === 'GET' || method === 'HEAD'
  if (!read && (foreign || !ownOrigin(request, access.host))) return refuse(403, OTHER_SITE)
  if (foreign && !navigation) return refuse(403, OTHER_SITE)
  if (request.origins.length > 0 && !ownOrigin(request, access.host)) return refuse(403, OTHER_SITE)
  // Whoever only guesses what a person will open must not use up what works once.
  if (request.purpose !== undefined) return refuse(403, 'The panel is not to be fetched ahead.')
  if (method === 'GET' && path === LOGIN_PATH) return { kind: 'login' }
  const metrics = path === METRICS_PATH ? request.metrics : undefined
  if (method === 'GET' && metrics === 'token' && !foreign) return { kind: 'metrics' }
  if (!session) return { kind: 'no-session', foreign: foreign && navigation }
  if (method === 'GET' && metrics !== undefined) return { kind: 'metrics' }
  if (!read) return refuse(405, `${method} is not allowed here.`)
  if (path === API_PATH) return refuse(426, 'This address is for WebSockets.')
  return { kind: 'file' }
}

/** The origin of the panel for who connects to this port. */
export function panelOrigin(host: string, port: number): string {
  return `https://${formatAuthority(host, port === 443 ? null : port)}`
}

/** True for addresses that only this machine has; an IPv4 address in IPv6 clothes counts as what it is. */
export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

const LOOPBACK_ONLY =
  'The panel answers this machine only. To open it to the network, set "lan" to true under "panel" in the config.'
const OTHER_SITE = 'The panel answers its own pages only.'

/** The connection may have been opened for any name, and the port be another service's: all three have to agree. */
function isOwnName({ sni, authority, port }: PanelRequest, host: string): boolean {
  const written = parseAuthority(authority)
  return written?.host === host && (written.port ?? 443) === port && (sni === null || sni === host)
}

/** Browsers send Origin with every WebSocket handshake (RFC 6455 section 4.1), so one without it is not let in. */
function judgeSocket(request: PanelRequest, host: string, foreign: boolean): PanelVerdict {
  if (foreign || !ownOrigin(request, host)) return refuse(403, OTHER_SITE)
  if (!request.session) return { kind: 'no-session', foreign: false }
  return request.path === API_PATH ? { kind: 'socket' } : refuse(404, 'There is no WebSocket at this address.')
}

function ownOrigin({ origins, port }: PanelRequest, host: string): boolean {
  return origins.length === 1 && origins[0] === panelOrigin(host, port)
}

function refuse(status: 403 | 404 | 405 | 421 | 426, message: string): PanelVerdict {
  return { kind: 'refuse', status, message }
}
