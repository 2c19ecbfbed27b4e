import type { RawHeaders } from '../../headers.js'
import type { AnswerHead, Freshness } from './freshness.js'

/** What one stored answer is the answer to. */
export interface EntryKey {
  /** scheme, host, port and target */
  url: string
  /** the app and route that served it: another one's answer to the same URL is another answer */
  served: string
  /** lower-case names of request fields by which it was chosen */
  vary: readonly string[]
  /** the values of these, see `selectingKey` */
  selected: string
}

export interface CacheEntry extends EntryKey {
  head: AnswerHead
  freshness: Freshness
  /** length of the body */
  bytes: number
  /** null while it is on disk alone */
  body: Buffer | null
  /** name of its file; null without one */
  file: string | null
}

/** What an entry costs besides its body: strings are two bytes a character at worst, objects some hundred bytes. */
export function overheadOf({ url, head, selected }: CacheEntry): number {
  return 2 * (url.length + selected.length + lengthOf(head.headers)) + 48 * head.headers.length + 1_000
}

function lengthOf(headers: RawHeaders): number {
  let length = 0
  for (const text of headers) length += text.length
  return length
}
