import { headerValues, type RawHeaders } from '../../headers.js'

/** The names that an answer's Vary lists (RFC 9110 section 12.5.5), lower-case, each once, in order. */
export function varyNames(headers: RawHeaders): string[] {
  const names = headerValues(headers, 'vary').flatMap((value) => value.split(','))
  return [...new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''))].sort()
}

/**
 * Which of the answers of one URL a request gets: equal for requests whose fields of these names are equal (RFC 9111
 * section 4.1), however they are split into lines and spaced.
 */
export function selectingKey(names: readonly string[], request: RawHeaders): string {
  if (names.length === 0) return ''
  return JSON.stringify(names.map((name) => [name, normalised(headerValues(request, name))]))
}

/** A URL without the query keys that make no difference. @param target path and query */
export function withoutQueryKeys(target: string, ignored: ReadonlySet<string>): string {
  const at = target.indexOf('?')
  if (at === -1 || ignored.size === 0) return target
  const parts = target.slice(at + 1).split('&')
  const kept = parts.filter((part) => !ignored.has(decoded(part.split('=', 1)[0] as string)))
  return kept.length === 0 ? target.slice(0, at) : `${target.slice(0, at)}?${kept.join('&')}`
}

function normalised(values: readonly string[]): string | null {
  if (values.length === 0) return null
  return values.map((value) => value.trim().replace(/\s*,\s*/g, ',')).join(',')
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
