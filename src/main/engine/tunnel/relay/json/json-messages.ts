import { z } from 'zod'
import { MAX_DATA, MalformedFrame } from '../../frames.js'

/** The longest message of an older client, in bytes: it sends what it read at once, in base64. */
export const MAX_JSON_MESSAGE = 1024 * 1024

/** Which user of which proxy a message is about. */
export interface JsonUser {
  proxy_id: string
  user_id: string
}

export type JsonMessage =
  | (JsonUser & { type: 'proxy_connect'; remote_host: string; remote_port: number; protocol: 'tcp' })
  | (JsonUser & { type: 'proxy_data'; data: string })
  | (JsonUser & { type: 'proxy_disconnect' })

/** What a client sends; of other types nothing is known, and nothing expected. */
const userShape = { proxy_id: z.string().max(64), user_id: z.string().max(64) }
const clientMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('proxy_data'), ...userShape, data: z.base64() }),
  z.object({ type: z.literal('proxy_disconnect'), ...userShape }),
])
const KNOWN = new Set(['proxy_data', 'proxy_disconnect'])

export type ClientMessage = z.output<typeof clientMessageSchema>

/** @returns null for a type that is not known @throws MalformedFrame for what is no message */
export function decodeClientMessage(text: string): ClientMessage | null {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    throw new MalformedFrame('a message that is not JSON')
  }
  const type = (message as { type?: unknown } | null)?.type
  if (typeof type !== 'string') throw new MalformedFrame('a message without a type')
  if (!KNOWN.has(type)) return null
  const parsed = clientMessageSchema.safeParse(message)
  if (!parsed.success) throw new MalformedFrame(`a ${type} message that is not valid`)
  return parsed.data
}

/** What of a chunk goes into one message. */
export function dataMessages(user: JsonUser, chunk: Buffer): JsonMessage[] {
  const messages: JsonMessage[] = []
  for (let at = 0; at < chunk.length; at += MAX_DATA) {
    const data = chunk.subarray(at, at + MAX_DATA).toString('base64')
    messages.push({ type: 'proxy_data', proxy_id: user.proxy_id, user_id: user.user_id, data })
  }
  return messages
}
