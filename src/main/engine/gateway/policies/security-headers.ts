import { durationMs } from '../../../../shared/duration.js'
import { isIpLiteral, isLoopbackHost } from '../../../../shared/hostname.js'
import type { SecurityHeadersSettings } from '../../../../shared/policies/browser-schemas.js'
import type { Exchange } from '../exchange.js'
import { removeField, setDefault, setField } from '../field-edits.js'
import type { RawHeaders } from '../headers.js'
import { CONTINUE } from './decision.js'
import type { Policy } from './policy.js'

type Preset = Omit<SecurityHeadersSettings, 'preset' | 'cspReportOnly'>

const PRESETS: Readonly<Record<NonNullable<SecurityHeadersSettings['preset']>, Preset>> = {
  /** Nothing that dev servers and their overlays trip over. */
  development: { nosniff: true, referrer: 'strict-origin-when-cross-origin', frame: 'same-origin' },
  'production-like': {
    hsts: { maxAge: '180d', includeSubDomains: true },
    csp: "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; form-action 'self'",
    frame: 'deny',
    nosniff: true,
    referrer: 'strict-origin-when-cross-origin',
    permissions: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    crossOriginOpener: 'same-origin',
  },
}

/** A field, and whether it replaces what the backend says. */
export interface SecurityField {
  name: string
  value: string
  replaces: boolean
}

/** Adds the fields that tell a browser to be careful, and takes away those that tell what runs here. */
export function makeSecurityHeaders(settings: SecurityHeadersSettings): Policy {
  const onLocalhost = securityFields(settings, true)
  const elsewhere = securityFields(settings, false)
  return {
    decide: (exchange) => {
      const fields = isLocal(exchange.host) ? onLocalhost : elsewhere
      exchange.editReply((headers) => apply(headers, fields, exchange))
      return CONTINUE
    },
  }
}

/**
 * The fields of a setting. What the config names replaces what the backend sends; what only the preset has does not.
 *
 * @param local for a name of this machine: HSTS would force HTTPS on each of its ports (RFC 6797 section 8.3), so that
 *   only an explicit wish sends it
 */
export function securityFields(settings: SecurityHeadersSettings, local: boolean): SecurityField[] {
  const preset: Preset = settings.preset === undefined ? {} : PRESETS[settings.preset]
  const values = (from: Preset): [string, string | undefined][] => [
    ['Strict-Transport-Security', hstsValue(from.hsts, local)],
    [
      settings.cspReportOnly === true ? 'Content-Security-Policy-Report-Only' : 'Content-Security-Policy',
      text(from.csp),
    ],
    ['X-Frame-Options', from.frame === 'deny' ? 'DENY' : from.frame === 'same-origin' ? 'SAMEORIGIN' : undefined],
    ['X-Content-Type-Options', from.nosniff === true ? 'nosniff' : undefined],
    ['Referrer-Policy', text(from.referrer)],
    ['Permissions-Policy', text(from.permissions)],
    ['Cross-Origin-Opener-Policy', text(from.crossOriginOpener)],
  ]
  const own = values(settings)
  const off = (index: number) => settings[KEYS[index] as keyof Preset] !== undefined
  return values(preset).flatMap(([name, fallback], index): SecurityField[] => {
    const value = own[index]?.[1]
    if (value !== undefined) return [{ name, value, replaces: true }]
    return fallback === undefined || off(index) ? [] : [{ name, value: fallback, replaces: false }]
  })
}

/** In the order of the fields. */
const KEYS = ['hsts', 'csp', 'frame', 'nosniff', 'referrer', 'permissions', 'crossOriginOpener'] as const

function text(value: string | false | undefined): string | undefined {
  return value === false ? undefined : value
}

function hstsValue(hsts: SecurityHeadersSettings['hsts'], local: boolean): string | undefined {
  if (hsts === undefined || hsts === false || (local && hsts.onLocalhost !== true)) return undefined
  const seconds = Math.floor(durationMs(hsts.maxAge) / 1_000)
  const { includeSubDomains = false, preload = false } = hsts
  return `max-age=${seconds}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}

function isLocal(host: string): boolean {
  return isIpLiteral(host) || isLoopbackHost(host) || host.endsWith('.localhost')
}

function apply(headers: RawHeaders, fields: SecurityField[], exchange: Exchange): void {
  const lowerCase = exchange.reply.lowerCaseNames
  removeField(headers, 'server')
  removeField(headers, 'x-powered-by')
  // The gateway's own pages bring the policy that they need.
  const ownPage = exchange.route?.target.kind !== 'static' && exchange.attempts === 0
  for (const { name, value, replaces } of fields) {
    if (replaces && !ownPage) setField(headers, name, value, lowerCase)
    else setDefault(headers, name, value, lowerCase)
  }
}
