import type { ExchangeEntry } from '../../../../shared/contract.js'

/** What the client sends of itself, for the Combined format. */
export interface Caller {
  /** null without */
  userAgent: string | null
  /** null without */
  referer: string | null
}

/**
 * A line of the Common Log Format, or of the Combined one where a caller is given: `%h %l %u %t "%r" %>s %b`. Times are in
 * UTC. Like nginx it has the status 499 for a client that went away before it was sent one.
 *
 * @param path with its secrets masked
 */
export function apacheLine(entry: ExchangeEntry, path: string, caller: Caller | null): string {
  const request = escaped(`${entry.method} ${path} ${versionOf(entry.protocol)}`)
  const { client, bytesOut, time } = entry
  const status = entry.status === 0 ? 499 : entry.status
  const common = `${client || '-'} - - [${clfTime(time)}] "${request}" ${status} ${bytesOut === 0 ? '-' : bytesOut}`
  return caller === null ? `${common}\n` : `${common} "${quoted(caller.referer)}" "${quoted(caller.userAgent)}"\n`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `10/Oct/2000:13:55:36 +0000`. @param iso as `2000-10-10T13:55:36.000Z` */
function clfTime(iso: string): string {
  return `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`
}

function versionOf(protocol: ExchangeEntry['protocol']): string {
  if (protocol === 'http/1.0') return 'HTTP/1.0'
  return protocol.startsWith('h2') ? 'HTTP/2.0' : 'HTTP/1.1'
}

function quoted(value: string | null): string {
  return value === null || value === '' ? '-' : escaped(value)
}

/** As Apache writes what clients send: quotes, backslashes and all but printable ASCII are escaped. */
function escaped(text: string): string {
  return /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text)
    ? text
    : text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/gu, escapedCharacter)
}

const NAMED: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

function escapedCharacter(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  // Fields are bytes, read as latin1; what is beyond them has been text before.
  const bytes = Buffer.from(character, (character.codePointAt(0) as number) > 0xff ? 'utf8' : 'latin1')
  return [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
