/**
 * What a request path names below a static root:
 * - `path`: decoded names, safe to join below the root on every operating system
 * - `unnameable`: harmless, but no file may be reached under such a name (it may still be a route of an SPA)
 * - `refused`: malformed or forbidden, to be answered with `status`
 */
export type ResolvedPath =
  | { kind: 'path'; segments: string[]; directory: boolean }
  | { kind: 'unnameable'; reason: string }
  | { kind: 'refused'; status: 400 | 404; reason: string }

/**
 * Decodes a path (still percent-encoded, without query; empty means the root) exactly once and judges every segment.
 * The rules are those of the strictest file system, so that a site behaves alike on Linux, macOS and Windows.
 * Empty segments are dropped, as common servers do. Never throws.
 */
export function resolvePath(path: string): ResolvedPath {
  if (path !== '' && !path.startsWith('/')) return malformed('the path does not begin with "/"')
  if (NOT_IN_A_PATH.test(path)) return malformed('the path holds a character that must be percent-encoded')
  const segments: string[] = []
  let unnameable: string | null = null
  for (const raw of path.split('/')) {
    if (raw === '') continue
    const name = decodeSegment(raw)
    if (name === null) return malformed('the percent-encoding of the path is not valid UTF-8')
    const refusal = refuse(name, segments.length === 0)
    if (refusal !== null) return refusal
    unnameable ??= reasonItNamesNoFile(name)
    segments.push(name)
  }
  if (unnameable !== null) return { kind: 'unnameable', reason: unnameable }
  return { kind: 'path', segments, directory: segments.length === 0 || path.endsWith('/') }
}

/** Percent-decodes one segment once. Null when it is malformed: overlong UTF-8 and surrogates included (RFC 3629). */
export function decodeSegment(raw: string): string | null {
  try {
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

/** RFC 3986 section 2: everything outside of visible ASCII must be encoded; a backslash is a separator to Windows. */
const NOT_IN_A_PATH = /[^\x21-\x7e]|[?#\\]/

const CONTROL_OR_BACKSLASH = /[\x00-\x1f\x7f\\]/

/** Code points that HFS+ ignores in names, so that `<U+200C>.git` would open `.git`. */
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g

/** Windows opens a device for these, with any extension and after any number of spaces. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(\.|$)/i

/** A generated 8.3 alias: at most eight characters ending in ~digits, and an extension of at most three. */
const SHORT_ALIAS = /^(?=[^.]{1,8}(?:\.|$))[^.]*~\d+(?:\.[^.]{1,3})?$/

function refuse(name: string, first: boolean): ResolvedPath | null {
  if (CONTROL_OR_BACKSLASH.test(name)) return malformed('the path holds a control character or a backslash')
  const parts = name.replace(IGNORABLE, '').split('/')
  if (parts.some((part) => part === '.' || part === '..')) return malformed('the path holds a dot segment')
  if (first && name === '.well-known') return null
  if (!parts.some((part) => part.startsWith('.'))) return null
  return { kind: 'refused', status: 404, reason: 'names that begin with a dot are not served' }
}

function reasonItNamesNoFile(name: string): string | null {
  if (name.includes('/')) return 'an encoded slash names no file'
  if (name.includes(':')) return 'names with a colon are not served (a drive or stream on Windows)'
  if (/[. ]$/.test(name)) return 'names that end in a dot or space are not served (aliases on Windows)'
  if (DEVICE.test(name)) return 'the name is reserved for a device on Windows'
  if (SHORT_ALIAS.test(name)) return 'names like "LONGNA~1" are not served (aliases on Windows)'
  return null
}

function malformed(reason: string): ResolvedPath {
  return { kind: 'refused', status: 400, reason }
}
