import type { CorsSettings } from '../../../../shared/policies/browser-schemas.js'
import { quoted } from './quoted.js'

/** Which origins a list names. `any` is for "*" alone: whoever asks is never told so by name. */
export interface OriginTest {
  any: boolean
  /** @param origin as the browser sent it; "null" is never allowed, for every sandboxed page is "null" */
  allows(origin: string): boolean
}

/** @param origins of the config: exact, with a wildcard for subdomains, as a regular expression, or "*" */
export function originTest(origins: CorsSettings['origins']): OriginTest {
  const any = origins.includes('*')
  const exact = new Set<string>()
  const patterns: RegExp[] = []
  for (const origin of origins) {
    if (typeof origin !== 'string') patterns.push(new RegExp(`^(?:${origin.regex})$`))
    else if (origin.includes('*')) patterns.push(wildcard(origin))
    else exact.add(serialised(origin))
  }
  return {
    any,
    allows: (origin) =>
      origin !== 'null' && (any || exact.has(origin) || patterns.some((pattern) => pattern.test(origin))),
  }
}

/** `https://*.app.localhost` names everything below app.localhost, and not itself. The port is part of an origin. */
function wildcard(origin: string): RegExp {
  const [before = '', after = ''] = serialised(origin).split('*.')
  return new RegExp(`^${quoted(before)}(?:[a-z0-9_-]+\\.)+${quoted(after)}$`)
}

/** As a browser writes it: lower-case, without a default port (Fetch standard, RFC 6454 section 6.1). */
function serialised(origin: string): string {
  return origin
    .toLowerCase()
    .replace(/^(https:\/\/.*):443$/, '$1')
    .replace(/^(http:\/\/.*):80$/, '$1')
}
