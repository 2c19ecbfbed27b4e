import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import type { EntryKey } from './entry.js'
import type { AnswerHead } from './freshness.js'

/** What a file of the cache holds: a mark, the length of the description, its checksum, the description, the body. */
const MARK = Buffer.from('portico-cache-1\n')
export const PREFIX_BYTES = MARK.length + 8
const MAX_DESCRIPTION_BYTES = 1024 * 1024

const descriptionSchema = z.object({
  url: z.string(),
  served: z.string(),
  vary: z.array(z.string()),
  selected: z.string(),
  head: z.object({
    status: z.int().min(200).max(599),
    reason: z.string(),
    headers: z.array(z.string()).refine((all) => all.length % 2 === 0),
    requestedAt: z.number(),
    receivedAt: z.number(),
  }),
  bytes: z.int().min(0),
  crc: z.int(),
})

export interface Description extends EntryKey {
  head: AnswerHead
  bytes: number
  /** of the body */
  crc: number
}

/** A name that no part of comes from outside as it is. */
export function fileName({ url, served, selected }: EntryKey): string {
  return createHash('sha256')
    .update(JSON.stringify([url, served, selected]))
    .digest('hex')
    .slice(0, 40)
}

export function encodeEntry(entry: Omit<Description, 'crc'>, body: Buffer): Buffer[] {
  const { url, served, vary, selected, head, bytes } = entry
  const text = Buffer.from(JSON.stringify({ url, served, vary, selected, head, bytes, crc: crc32(body) }))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  MARK.copy(prefix)
  prefix.writeUInt32BE(text.length, MARK.length)
  prefix.writeUInt32BE(crc32(text), MARK.length + 4)
  return [prefix, text, body]
}

/** Bytes of the description that follows; null when the file is none of the cache's. */
export function descriptionLength(prefix: Buffer): number | null {
  if (prefix.length < PREFIX_BYTES || !prefix.subarray(0, MARK.length).equals(MARK)) return null
  const length = prefix.readUInt32BE(MARK.length)
  return length > MAX_DESCRIPTION_BYTES ? null : length
}

/** @param text that follows `prefix`; null when it is damaged */
export function decodeDescription(prefix: Buffer, text: Buffer): Description | null {
  if (crc32(text) !== prefix.readUInt32BE(MARK.length + 4)) return null
  try {
    return descriptionSchema.parse(JSON.parse(text.toString()))
  } catch {
    return null
  }
}

/** The body in a whole file; null when it is damaged, or that of another entry. */
export function decodeBody(file: Buffer, name: string): Buffer | null {
  const length = descriptionLength(file)
  if (length === null) return null
  const description = decodeDescription(file, file.subarray(PREFIX_BYTES, PREFIX_BYTES + length))
  const body = file.subarray(PREFIX_BYTES + length)
  if (description === null || fileName(description) !== name) return null
  return body.length === description.bytes && crc32(body) === description.crc ? body : null
}
