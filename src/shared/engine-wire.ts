import { z } from 'zod'
import { EVENTS, type EventName } from './contract.js'
import { FAULT_CODES } from './fault.js'

/** What the shell and the engine's process say to each other; each side validates what arrives. */

const faultSchema = z.object({ code: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() })
const eventNameSchema = z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]])

/** From the shell: one call of the contract, or the wish to hear an event, or to hear it no more. */
export const shellFrameSchema = z.union([
  z.strictObject({ id: z.int(), name: z.string(), params: z.unknown() }),
  z.strictObject({ subscribe: eventNameSchema }),
  z.strictObject({ unsubscribe: eventNameSchema }),
])

/** From the engine's process: that it serves or why it cannot, the answer to one call, one event. */
export const engineFrameSchema = z.union([
  z.strictObject({ serving: z.literal(true) }),
  z.strictObject({ refused: faultSchema }),
  z.strictObject({ id: z.int(), fault: faultSchema }),
  z.strictObject({ id: z.int(), result: z.unknown() }),
  z.strictObject({ event: eventNameSchema, payload: z.unknown() }),
])

export type ShellFrame = z.output<typeof shellFrameSchema>
export type EngineFrame = z.output<typeof engineFrameSchema>
