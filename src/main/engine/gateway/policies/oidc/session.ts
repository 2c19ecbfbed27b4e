import { z } from 'zod'
import type { OidcSettings } from '../../../../../shared/policies/auth-schemas.js'
import { claimValue } from '../trusted-fields.js'

export type Claims = Readonly<Record<string, unknown>>

/** Who is signed in, as the client's cookie has it. Times are milliseconds since the epoch. */
export const sessionSchema = z.object({
  id: z.string(),
  /** `sub` and whatever else the settings ask for */
  claims: z.record(z.string(), z.unknown()),
  until: z.number(),
  /** when the provider wants to be asked again; only with a refresh token */
  renewAt: z.number().optional(),
  refreshToken: z.string().optional(),
  /** tells the provider at sign-out who leaves */
  idToken: z.string().optional(),
})

export type Session = z.output<typeof sessionSchema>

/** What the provider's token endpoint has said. */
export interface Tokens {
  claims: Claims
  refreshToken: string | undefined
  idToken: string | undefined
  /** seconds */
  expiresIn: number | undefined
}

/** @param lifetimeMs of the session, whatever the provider says */
export function newSession(
  id: string,
  tokens: Tokens,
  settings: OidcSettings,
  now: number,
  lifetimeMs: number,
): Session {
  return {
    id,
    claims: keptClaims(tokens.claims, settings),
    until: now + lifetimeMs,
    ...(tokens.idToken === undefined ? {} : { idToken: tokens.idToken }),
    ...renewal(tokens, undefined, now),
  }
}

/** After a refresh: it ends when it would have, and a token that was not replaced stays (RFC 6749 section 6). */
export function renewedSession(session: Session, tokens: Tokens, settings: OidcSettings, now: number): Session {
  const { id, until, idToken, refreshToken, claims } = session
  const newToken = tokens.idToken ?? idToken
  return {
    id,
    until,
    claims: { ...claims, ...keptClaims(tokens.claims, settings) },
    ...(newToken === undefined ? {} : { idToken: newToken }),
    ...renewal(tokens, refreshToken, now),
  }
}

/** Whether the settings let this person come: by subject, or by an e-mail address that the provider does not doubt. */
export function isAllowed(claims: Claims, allow: OidcSettings['allow']): boolean {
  if (allow === undefined) return true
  const { sub, email } = claims
  if (typeof sub === 'string' && allow.includes(sub)) return true
  if (typeof email !== 'string' || !isVerified(claims)) return false
  return allow.some((one) => one.toLowerCase() === email.toLowerCase())
}

/** The claims that the settings ask for and the provider has not told yet. */
export function lacksClaims(claims: Claims, { allow, headers = {} }: OidcSettings): boolean {
  const wanted = [...Object.values(headers), ...(allow?.some((one) => one.includes('@')) ? ['email'] : [])]
  return wanted.some((name) => claimValue(claims, name) === undefined)
}

/** Some providers write it as a text. */
function isVerified(claims: Claims): boolean {
  return claims.email_verified !== false && claims.email_verified !== 'false'
}

function keptClaims(claims: Claims, { headers = {} }: OidcSettings): Record<string, unknown> {
  const wanted = Object.values(headers).map((name) =>
    Object.hasOwn(claims, name) ? name : (name.split('.')[0] as string),
  )
  const names = new Set(['sub', 'email', 'email_verified', ...wanted])
  return Object.fromEntries(Object.entries(claims).filter(([name]) => names.has(name)))
}

const HOUR_SECONDS = 3_600

function renewal(tokens: Tokens, before: string | undefined, now: number): Partial<Session> {
  const refreshToken = tokens.refreshToken ?? before
  if (refreshToken === undefined) return {}
  return { refreshToken, renewAt: now + (tokens.expiresIn ?? HOUR_SECONDS) * 1_000 }
}
