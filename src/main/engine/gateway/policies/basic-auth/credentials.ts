export interface Credentials {
  user: string
  password: string
}

/** What an Authorization field says: nothing about this scheme, something that cannot be read, or a user and password. */
export type ReadCredentials = Credentials | 'none' | 'malformed'

const BASIC = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i

/**
 * Reads RFC 7617 credentials. Several Authorization fields are malformed: whoever comes later may believe another one.
 *
 * @param fields values of the Authorization field
 */
export function readCredentials(fields: readonly string[]): ReadCredentials {
  const [field, ...more] = fields
  if (field === undefined) return 'none'
  if (more.length > 0) return 'malformed'
  if (!/^basic(?: |$)/i.test(field)) return 'none'
  const encoded = BASIC.exec(field)?.[1]
  if (encoded === undefined) return 'malformed'
  const text = decode(Buffer.from(encoded, 'base64'))
  const colon = text.indexOf(':')
  if (colon === -1 || /\p{Cc}/u.test(text)) return 'malformed'
  return { user: text.slice(0, colon).normalize('NFC'), password: text.slice(colon + 1).normalize('NFC') }
}

/** UTF-8 as the challenge asks for it (RFC 7617 section 2.1); clients that do not know that send Latin-1. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
