/** Directives of Cache-Control by their lower-case names; null for one without an argument. */
export type Directives = ReadonlyMap<string, string | null>

/** RFC 9111 section 1.2.2: what is larger is as good as this. */
const MAX_SECONDS = 2 ** 31

const DIRECTIVE = /([!#$%&'*+.^_`|~0-9a-z-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?([^,]*)(?:,|$)/gi

/**
 * The directives of all Cache-Control fields of a message (RFC 9111 section 5.2). One that comes twice with different
 * arguments counts as the stricter one, and what cannot be understood of an argument as none.
 */
export function parseDirectives(values: readonly string[]): Directives {
  const found = new Map<string, string | null>()
  for (const value of values) {
    for (const [, name, quoted, plain, rest] of value.matchAll(DIRECTIVE)) {
      const key = (name as string).toLowerCase()
      const argument = (rest as string).trim() === '' ? (quoted ?? plain ?? null) : null
      found.set(key, found.has(key) ? stricter(found.get(key) as string | null, argument) : argument)
    }
  }
  return found
}

/**
 * Seconds that a directive gives; null without the directive. 0 when its argument is no number, for then nothing can be
 * taken as fresh (RFC 9111 section 4.2.1).
 */
export function seconds(directives: Directives, name: string): number | null {
  const argument = directives.get(name)
  if (argument === undefined) return null
  return argument !== null && /^\d+$/.test(argument) ? Math.min(Number(argument), MAX_SECONDS) : 0
}

/** Seconds that Age fields tell; what is not one number alone is as old as can be, so that nobody takes it for fresh. */
export function ageSeconds(values: readonly string[]): number {
  if (values.length === 0) return 0
  const [value = ''] = values
  return values.length === 1 && /^\s*\d+\s*$/.test(value) ? Math.min(Number(value), MAX_SECONDS) : MAX_SECONDS
}

function stricter(one: string | null, other: string | null): string | null {
  if (one === null || other === null || !/^\d+$/.test(one) || !/^\d+$/.test(other)) return one === other ? one : null
  return Number(one) <= Number(other) ? one : other
}
