/**
 * Values on their way between the page and the shell, as JSON: the part of structured clone that the app uses. What
 * Electron could not clone throws here too. Runs in both places, so it depends on nothing.
 */
export function encode(value: unknown): unknown {
  if (value === undefined) return { $: 'undefined' }
  if (value === null || ['string', 'boolean', 'number'].includes(typeof value)) return value
  if (Array.isArray(value)) return value.map(encode)
  if (typeof value !== 'object') throw new Error('An object could not be cloned.')
  return { $: 'object', entries: Object.entries(value).map(([key, one]) => [key, encode(one)]) }
}

export function decode(coded: unknown): unknown {
  if (coded === null || typeof coded !== 'object') return coded
  if (Array.isArray(coded)) return coded.map(decode)
  const { $, entries } = coded as { $: string; entries: [string, unknown][] }
  return $ === 'undefined' ? undefined : Object.fromEntries(entries.map(([key, one]) => [key, decode(one)]))
}
