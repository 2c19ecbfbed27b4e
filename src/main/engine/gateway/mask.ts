const SECRET_KEY = /token|secret|passw|api[-_]?key|signature|credential|auth|code/i
const KEY = /[?&;]([^?&;=]+)=/g
const NONE: ReadonlySet<string> = new Set()

/**
 * The request target with the values of query parameters that look like secrets masked, for logs.
 *
 * @param also names of further parameters, in lower case
 */
export function maskedTarget(target: string, also: ReadonlySet<string> = NONE): string {
  if (!target.includes('?')) return target
  let masked = ''
  let from = 0
  KEY.lastIndex = target.indexOf('?')
  for (let match = KEY.exec(target); match !== null; match = KEY.exec(target)) {
    if (!isSecret(match[1] as string, also)) continue
    masked += `${target.slice(from, KEY.lastIndex)}***`
    const next = target.indexOf('&', KEY.lastIndex)
    from = next === -1 ? target.length : next
    KEY.lastIndex = from
  }
  return from === 0 ? target : masked + target.slice(from)
}

function isSecret(key: string, also: ReadonlySet<string>): boolean {
  const plain = key.includes('%') || key.includes('+') ? decoded(key) : key
  return SECRET_KEY.test(plain) || also.has(plain.toLowerCase())
}

/** A name may be written with escapes (RFC 3986 section 2.1), and is the same then. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
