/** Codings for which a precompressed sibling may lie beside a file, best first. */
export const CODINGS = [
  { coding: 'br', extension: '.br' },
  { coding: 'zstd', extension: '.zst' },
  { coding: 'gzip', extension: '.gz' },
] as const

export type Coding = (typeof CODINGS)[number]['coding'] | 'identity'

const PREFERENCE = CODINGS.map(({ coding }) => coding)

/**
 * The codings a client accepts, best first (RFC 9110 section 12.5.3): by q-value, then by our own preference.
 * `identity` stands last among equals and, when not named, after everything named; it is missing only when the client
 * refuses it by `identity;q=0` or `*;q=0`. Without the field only `identity` is sent.
 *
 * @param preference what we have, best first
 */
export function rankEncodings(
  acceptEncoding: string | undefined,
  preference: readonly Exclude<Coding, 'identity'>[] = PREFERENCE,
): Coding[] {
  const weights = parseWeights(acceptEncoding ?? '')
  const star = weights.get('*')
  const ranked: { coding: Coding; weight: number }[] = preference.map((coding) => ({
    coding,
    weight: weights.get(coding) ?? star ?? 0,
  }))
  ranked.push({ coding: 'identity', weight: weights.get('identity') ?? star ?? UNNAMED_IDENTITY })
  return ranked
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ coding }) => coding)
}

/** Less than the least q-value there is, 0.001. */
const UNNAMED_IDENTITY = 0.0001

const ELEMENT = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

/** Elements that are malformed are left out, as if the client had not named them. */
function parseWeights(field: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const element of field.split(',')) {
    const match = ELEMENT.exec(element.trim())
    if (!match) continue
    const name = match[1]!.toLowerCase()
    weights.set(name === 'x-gzip' ? 'gzip' : name, match[2] === undefined ? 1 : Number(match[2]))
  }
  return weights
}
