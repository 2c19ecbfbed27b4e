import type { JwtSettings } from '../../../../../shared/policies/auth-schemas.js'
import { claimValue } from '../trusted-fields.js'

type Required = NonNullable<JwtSettings['claims']>
type Wanted = string | number | boolean

/** Claims that hold several values as one text (RFC 8693 section 4.2, and what Microsoft calls the same). */
const SPACE_SEPARATED = new Set(['scope', 'scp'])

/**
 * The first claim that is not as required; null when all are. A claim is as required when one of its values is one of those
 * wanted.
 */
export function missingClaim(claims: Readonly<Record<string, unknown>>, required: Required): string | null {
  for (const [name, wanted] of Object.entries(required)) {
    const values = valuesOf(name, claimValue(claims, name))
    const any: readonly Wanted[] = Array.isArray(wanted) ? wanted : [wanted]
    if (!any.some((one) => values.includes(one))) return name
  }
  return null
}

function valuesOf(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  return SPACE_SEPARATED.has(name) && typeof value === 'string' ? value.split(' ') : [value]
}
