import { z } from 'zod'
import { EVENTS, type EventName } from './contract.js'
import { FAULT_CODES } from './fault.js'

/** What the shell and the engine's process say to each other; each side validates what arrives. */

const faultSchema = z.object({ code: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() })
const eventNameSchema = z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]])

/** Far more than a wrapped key has. */
const MAX_SECRET = 65_536
const secretSchema = z.base64().min(1).max(MAX_SECRET)

/** From the engine's process: what it asks of the keychain, which only the shell can reach; bytes are base64. */
export const vaultAskSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('state') }),
  z.strictObject({ do: z.literal('seal'), secret: secretSchema }),
  z.strictObject({ do: z.literal('open'), sealed: secretSchema }),
])

/** What the keychain has answered. */
export const vaultAnswerSchema = z.union([
  z.strictObject({ state: z.strictObject({ name: z.string(), unavailable: z.string().nullable() }) }),
  z.strictObject({ sealed: secretSchema }),
  z.strictObject({ secret: secretSchema, stale: z.boolean() }),
  z.strictObject({ fault: faultSchema }),
])

/** From the shell: one call of the contract, the wish to hear an event or to hear it no more, an answer of the keychain. */
export const shellFrameSchema = z.union([
  z.strictObject({ id: z.int(), name: z.string(), params: z.unknown() }),
  z.strictObject({ subscribe: eventNameSchema }),
  z.strictObject({ unsubscribe: eventNameSchema }),
  z.strictObject({ vault: z.int(), answer: vaultAnswerSchema }),
])

/** From the engine's process: that it serves or why it cannot, the answer to one call, one event, a question to the keychain. */
export const engineFrameSchema = z.union([
  z.strictObject({ serving: z.literal(true) }),
  z.strictObject({ refused: faultSchema }),
  z.strictObject({ id: z.int(), fault: faultSchema }),
  z.strictObject({ id: z.int(), result: z.unknown() }),
  z.strictObject({ event: eventNameSchema, payload: z.unknown() }),
  z.strictObject({ vault: z.int(), ask: vaultAskSchema }),
])

export type ShellFrame = z.output<typeof shellFrameSchema>
export type EngineFrame = z.output<typeof engineFrameSchema>
export type VaultAsk = z.output<typeof vaultAskSchema>
export type VaultAnswer = z.output<typeof vaultAnswerSchema>
